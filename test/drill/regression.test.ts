import { expect } from 'chai';
import { it } from '../support/commands.ts';
import { randomStream } from '../../src/base/random.ts';
import type { ChosenBaseline } from '../../src/drill/baseline.ts';
import { REGRESSION_LEVEL, regressionOf, tooFewFor } from '../../src/drill/regression.ts';

function past(samples: readonly (number | null)[], change: Partial<ChosenBaseline> = {}) {
  return {
    ...{ from: 'last', judged: 'series', allowed: 0.2, unlike: [], lacks: null },
    samples: samples.map((rto_ms, at) => ({ run: `run-${at}`, rto_ms })),
    ...change,
  } as ChosenBaseline;
}

const steps = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
const TEN = past(steps(1000, 10));
const verdictOf = (now: readonly (number | null)[], of = TEN) => regressionOf(now, of, 0.2).verdict;

describe('recovery against its past', () => {
  it('can show nothing where there are too few of either, which is known beforehand', () => {
    expect(tooFewFor(1, 3)).to.match(/^One run against 3 of the past cannot tell a slow-down from/);
    expect(tooFewFor(2, 3)).to.match(/it takes \d+ trials \(--repeat \d+\), or \d+ runs of/);
    expect(tooFewFor(10, 10)).to.equal(null);
  });

  it('fails where the middle is later by more than is allowed, and not by chance', () => {
    const found = regressionOf(steps(1300, 10), TEN, 0.2);
    expect(found).to.deep.include({ verdict: 'fail', now_ms: 1305, past_ms: 1005, past: 10 });
    expect(found.slower).to.be.closeTo(0.2987, 1e-4);
    expect(found.reason).to.equal(
      'RTO 1.3 s, in the middle of 10 trials, is 30 % slower than its past (1 s in the ' +
        'middle of 10); 20 % are allowed. That is no chance (p < 0.001).',
    );
  });

  it('says of two the slower one, since none is in the middle', () => {
    const found = regressionOf([1290, 1300], past(steps(1000, 30)), 0.2);
    expect(found.reason).to.match(/^RTO 1\.3 s, the slower of 2 trials, is /);
    const few = regressionOf(steps(1300, 30), past([1000, 1010]), 0.2);
    expect(few.reason).to.include('its past (1.01 s, the slower of 2)');
  });

  it('passes what is as fast, faster, or slower by no more than is allowed', () => {
    expect(verdictOf(steps(1000, 10))).to.equal('pass');
    expect(verdictOf(steps(900, 10))).to.equal('pass');
    // 1004.5 in the middle of the past.
    expect(verdictOf(Array.from({ length: 10 }, () => 1205)), '20 % to the millisecond').to.equal(
      'pass',
    );
    expect(verdictOf(Array.from({ length: 10 }, () => 1206)), 'one more').to.equal('fail');
  });

  it('asks every value by how much, where a few coarse ones stand for the middle', () => {
    // Seen on rounds of 100 ms: 30 % later in truth, 19 % by the values in the middle.
    const before = [1300, 1400, 1400, 1400, 1400, 1600, 1600, 1600, 1700, 1700];
    const now = [1700, 1700, 1800, 1800, 1800, 1900, 2100, 2100, 2100, 2100];
    const found = regressionOf(now, past(before), 0.2);
    expect([found.past_ms, found.now_ms]).to.eql([1600, 1900]);
    expect(found.verdict).to.equal('fail');
    expect(found.slower).to.be.closeTo(0.27, 0.03);
  });

  it('does not pass where most waits never ended, whatever the rest were', () => {
    const never = Array.from({ length: 6 }, () => Infinity);
    const some = past([...steps(1000, 6), null, null, null, null]);
    expect(verdictOf([...never, ...steps(900, 4)], some)).to.equal('inconclusive');
  });

  it('is open where it is slower and that may be chance', () => {
    const found = regressionOf([900, 1300, 1310], past([1000, 1001, 1400, 990, 991]), 0.2);
    expect(found.verdict).to.equal('inconclusive');
    expect(found.reason).to.include('That may be chance (p =');
  });

  it('is open with too few samples, however fast, and says how many it takes', () => {
    const found = regressionOf([10], TEN, 0.2);
    expect(found.verdict).to.equal('inconclusive');
    expect(found.reason).to.equal(
      'One run against 10 of the past cannot tell a slow-down from chance: it takes 2 trials ' +
        '(--repeat 2), or 19 runs of the past.',
    );
    expect(verdictOf([10], past(steps(1000, 19)))).to.equal('pass');
    expect(verdictOf([1300], past(steps(1000, 19)))).to.equal('fail');
    expect(verdictOf([1300], past(steps(1000, 18)))).to.equal('inconclusive');
  });

  it('is open without a past, and says why there is none', () => {
    expect(verdictOf(steps(1, 10), past([], { lacks: 'it is the first run.' }))).to.equal(
      'inconclusive',
    );
    expect(regressionOf([1], null, 0.2).reason).to.include('--baseline');
    expect(verdictOf(steps(1, 10), past([]))).to.equal('inconclusive');
  });

  it('counts a wait that never ended as the longest, and drops none', () => {
    const never = (count: number) => Array.from({ length: count }, () => Infinity);
    expect(verdictOf([...steps(1000, 3), ...never(7)])).to.equal('fail');
    expect(verdictOf([...steps(1000, 6), ...never(4)])).to.equal('pass');
    expect(verdictOf(never(10), past(steps(1, 10).map(() => null)))).to.equal('inconclusive');
  });

  it('is open where what was not measured could turn it', () => {
    expect(verdictOf([...steps(1300, 9), null])).to.equal('fail');
    expect(verdictOf([...steps(1000, 9), null])).to.equal('pass');
    expect(verdictOf([...steps(1300, 6), ...Array.from({ length: 6 }, () => null)])).to.equal(
      'inconclusive',
    );
  });

  it('compares waits of no length at all', () => {
    const none = past(steps(1, 10).map(() => 0));
    expect(
      regressionOf(
        steps(1, 10).map(() => 0),
        none,
        0.2,
      ),
    ).to.deep.include({ verdict: 'pass', slower: 0 });
    expect(regressionOf(steps(500, 10), none, 0.2)).to.deep.include({
      verdict: 'fail',
      slower: null,
    });
  });
});

const SERIES = 10_000;
const TRIALS = 10;

interface Shape {
  readonly draw: (random: () => number) => number;
  /** Values are seen on such a grid, however slow recovery is: the coarser, the more ties. */
  readonly grid_ms: number;
}

/** How often a series of ten is called a regression against ten of the past. */
function failures({ draw, grid_ms }: Shape, slower: number, allowed: number): number {
  const random = randomStream(20_261_128);
  const seen = (ms: number) => grid_ms * Math.round(ms / grid_ms);
  const ten = (factor: number) => Array.from({ length: TRIALS }, () => seen(factor * draw(random)));
  let failed = 0;
  for (let each = 0; each < SERIES; each++) {
    const before = past(ten(1));
    const now = ten(1 + slower);
    if (regressionOf(now, before, allowed).verdict === 'fail') failed++;
  }
  return failed / SERIES;
}

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Recovery times as they spread: what they are made of, and what is rare. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'a round of health checks and clients’ cached answers': {
    draw: (random) => 500 + 250 * random() + 200 + 500 + 300 * random(),
    grid_ms: 1,
  },
  'a bell of 10 %': { draw: (random) => 1500 * Math.exp(0.1 * normal(random)), grid_ms: 1 },
  'the same in steps of 50 ms, with ties': {
    draw: (random) => 1500 * Math.exp(0.1 * normal(random)),
    grid_ms: 50,
  },
  'one round of 400 ms in steps of 25 ms, with ties': {
    draw: (random) => 1250 + 400 * random(),
    grid_ms: 25,
  },
  'the same in steps of 100 ms, five values in all': {
    draw: (random) => 1250 + 400 * random(),
    grid_ms: 100,
  },
  'one in ten takes half as long again': {
    draw: (random) => (random() < 0.1 ? 1.5 : 1) * 1500 * Math.exp(0.05 * normal(random)),
    grid_ms: 1,
  },
};

describe(`the regression gate, over ${SERIES} simulated series of ${TRIALS} trials`, function () {
  this.timeout(120_000);
  for (const [at, [name, shape]] of Object.entries(SHAPES).entries()) {
    const test = at === 0 ? it : it.full;
    test(`raises no more false alarms than its level: ${name}`, () => {
      // Three standard errors of what ten thousand series can tell.
      const most = REGRESSION_LEVEL + 3 * Math.sqrt((REGRESSION_LEVEL * 0.95) / SERIES);
      expect(failures(shape, 0, 0), 'nothing allowed').to.be.at.most(most);
      expect(failures(shape, 0, 0.2), '20 % allowed').to.be.at.most(REGRESSION_LEVEL / 4);
    });

    test(`finds a slow-down of 30 %, with 20 % allowed: ${name}`, () => {
      expect(failures(shape, 0.3, 0.2)).to.be.at.least(0.9);
    });
  }
});
