// What measured sizes say of one that was not measured, and when they say nothing.
import { expect } from 'chai';
import { fitLine, type Point } from '../../src/base/line-fit.ts';
import { randomStream } from '../../src/base/random.ts';
import { extrapolate, type Extrapolation } from '../../src/verdict/extrapolation.ts';

const MB = 1e6;
const SIZES = [100, 200, 400, 800];

describe('an extrapolation', () => {
  const points = (ms: (mb: number) => number, sizes = SIZES): Point[] =>
    sizes.map((mb) => ({ x: mb * MB, y: ms(mb) }));
  const why = (each: Extrapolation) => each.refused ?? 'not refused';

  it('is what the line says, with an interval, and how far away that is', () => {
    const wobble = [3, -4, 2, -1];
    const ms = (mb: number) => 500 + 10 * mb + wobble[SIZES.indexOf(mb)]!;
    const found = extrapolate(points(ms), 80_000 * MB);
    if (found.refused !== null) throw new Error(found.refused);
    expect(found.times).to.equal(100);
    expect(found.value).to.be.closeTo(800_500, 1_000);
    expect(found.low).to.be.lessThan(800_500);
    expect(found.high).to.be.greaterThan(800_500);
    expect(found.high - found.low).to.be.within(100, 20_000);
  });

  it('is refused of one size and of two, whatever they took', () => {
    const ms = (mb: number) => 10 * mb;
    expect(why(extrapolate([], MB))).to.contain('0 sizes');
    expect(why(extrapolate(points(ms, [100, 100]), MB))).to.contain('1 size:');
    expect(why(extrapolate(points(ms, [100, 200, 200, 200]), MB))).to.contain('2 sizes');
    expect(why(extrapolate(points(ms, [100, 200, 300]), 1_000 * MB))).to.equal('not refused');
  });

  it('of what always takes the same time is that time, and nothing of what takes none', () => {
    for (const value of [700, 0]) {
      const found = extrapolate(
        points(() => value),
        8_000 * MB,
      );
      expect(found).to.deep.equal({ refused: null, times: 10, value, low: value, high: value });
    }
  });

  it('is given of a line that explains just as much as is asked for, and no less', () => {
    const pair = [1, 3].map((x) => ({ x, y: 98 + x }));
    const ends = Array.from({ length: 19 }, () => pair);
    const just = [...ends.flat(), { x: 2, y: 99 }, { x: 2, y: 101 }];
    expect(fitLine(just)!.explained).to.equal(0.95);
    expect(why(extrapolate(just, 3))).to.equal('not refused');
    const less = [...ends.slice(1).flat(), { x: 2, y: 99 }, { x: 2, y: 101 }];
    expect(why(extrapolate(less, 3))).to.contain('the line explains 94 % of');
  });

  it('is refused where the size is not what makes the difference', () => {
    const jumps = [900, 400, 1_100, 1_300];
    const found = extrapolate(
      points((mb) => jumps[SIZES.indexOf(mb)]!),
      8_000 * MB,
    );
    const refused = 'the line explains 53 % of what differs, 95 % are asked for';
    expect(found).to.deep.equal({ refused });
  });

  it('is refused of a curve that a line seems to explain', () => {
    const curved = (mb: number) => 500 + mb + mb * mb * 0.002;
    const all = extrapolate(points(curved, [100, 300, 500, 700, 900]), 8_000 * MB);
    expect(why(all)).to.match(/^no straight line: it grows more from each size to the next/);
    const flattening = (mb: number) => 500 + mb - mb * mb * 0.0003;
    const slower = extrapolate(points(flattening, [100, 300, 500, 700, 900]), 8_000 * MB);
    expect(why(slower)).to.match(/^no straight line: it grows less/);
  });

  it('is given where the bend that a few sizes show may be chance', () => {
    // t is 4.5: with one degree of freedom 12.7 are asked for, with more of them less.
    const square = [10, -10, -10, 10];
    const cube = [-1, 3, -3, 1];
    const sizes = [100, 200, 300, 400];
    const ms = (mb: number) => {
      const at = sizes.indexOf(mb);
      return 500 + 10 * mb + square[at]! + cube[at]!;
    };
    expect(why(extrapolate(points(ms, sizes), 800 * MB))).to.equal('not refused');
  });

  it('is refused where more data took less time', () => {
    const less = extrapolate(
      points((mb) => 10_000 - mb),
      8_000 * MB,
    );
    expect(why(less)).to.equal('it took less time with more data');
  });

  it('is refused where its interval says nothing', () => {
    const wobble = [300, -300, 300, -100];
    const ms = (mb: number) => 5 * mb + wobble[SIZES.indexOf(mb)]!;
    const sizes = [100, 200, 400];
    expect(why(extrapolate(points(ms, sizes), 500_000 * MB))).to.match(/explains|interval/);
    const slight = (mb: number) => 1_000 + mb + [20, -25, 5][sizes.indexOf(mb)]!;
    expect(why(extrapolate(points(slight, sizes), 500_000 * MB))).to.equal(
      'its interval would be ±942751 ms about 490291 ms: more trials, or larger sizes',
    );
  });

  it('of planted lines is given, and holds the truth as often as it says', () => {
    const draw = randomStream(5);
    const noise = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    let [given, held] = [0, 0];
    for (let time = 0; time < 1_000; time++) {
      const ms = (mb: number) => 1_000 + 20 * mb + 60 * noise();
      const found = extrapolate(points(ms, [...SIZES, ...SIZES]), 8_000 * MB);
      if (found.refused !== null) continue;
      given += 1;
      const truth = ms(8_000);
      if (truth >= found.low && truth <= found.high) held += 1;
    }
    expect(given).to.be.greaterThan(900);
    expect(held / given).to.be.within(0.92, 0.98);
  });
});
