// Lines through planted observations, beside values of textbooks and thousands of drawn series.
import { expect } from 'chai';
import { curvature, fitLine, predict, type Point } from '../../src/base/line-fit.ts';
import { randomStream } from '../../src/base/random.ts';
import { studentLimit, studentWithin } from '../../src/base/student.ts';

describe('Student’s t', () => {
  it('has the limits of the tables', () => {
    const table: [number, number, number][] = [
      [0.95, 1, 12.7062],
      [0.95, 2, 4.3027],
      [0.95, 10, 2.2281],
      [0.99, 5, 4.0321],
      [0.9, 30, 1.6973],
      [0.95, 1000, 1.9623],
    ];
    for (const [chance, freedom, t] of table) {
      expect(studentLimit(chance, freedom), `${chance}, ${freedom}`).to.be.closeTo(t, 5e-5);
    }
  });

  it('is what its closed forms say for one and two degrees of freedom', () => {
    for (const t of [0, 0.1, 1, 3, 50]) {
      expect(studentWithin(t, 1)).to.be.closeTo((2 / Math.PI) * Math.atan(t), 1e-10);
      expect(studentWithin(t, 2)).to.be.closeTo(t / Math.sqrt(2 + t * t), 1e-10);
    }
  });
});

describe('a line through observations', () => {
  it('is the one that they lie on', () => {
    const fit = fitLine([0, 1, 2, 5].map((x) => ({ x, y: 3 + 2 * x })))!;
    expect(fit.slope).to.be.closeTo(2, 1e-12);
    expect(fit.intercept).to.be.closeTo(3, 1e-12);
    expect(fit.residual).to.be.closeTo(0, 1e-12);
    expect(fit.explained).to.be.closeTo(1, 1e-12);
  });

  it('has the errors that are worked out by hand', () => {
    // Slope 1.4, residuals −0.1 0.3 −0.3 0.1 after x = 1…4: 0.2 left over two degrees of freedom.
    const ys = [2.3, 4.1, 4.9, 6.7];
    const fit = fitLine(ys.map((y, at) => ({ x: at + 1, y })))!;
    expect(fit.slope).to.be.closeTo(1.4, 1e-9);
    expect(fit.intercept).to.be.closeTo(1, 1e-9);
    expect(fit.residual).to.be.closeTo(Math.sqrt(0.1), 1e-9);
    expect(fit.slope_error).to.be.closeTo(Math.sqrt(0.1 / 5), 1e-9);
    expect(fit.intercept_error).to.be.closeTo(Math.sqrt(0.1 * (1 / 4 + 6.25 / 5)), 1e-9);
    const { value, low, high } = predict(fit, 10, 0.95)!;
    expect(value).to.be.closeTo(15, 1e-9);
    const half = 4.302653 * Math.sqrt(0.1 * (1 + 1 / 4 + 56.25 / 5));
    expect(high - value).to.be.closeTo(half, 1e-5);
    expect(value - low).to.be.closeTo(half, 1e-5);
  });

  it('is none through one place, and knows no error of two observations', () => {
    expect(fitLine([])).to.equal(null);
    expect(fitLine([1, 2, 3].map((y) => ({ x: 7, y })))).to.equal(null);
    const two = fitLine([1, 2].map((x) => ({ x, y: x })))!;
    expect(two.slope).to.equal(1);
    expect([two.slope_error, two.intercept_error, two.residual]).to.deep.equal([null, null, null]);
    expect(predict(two, 3, 0.95)).to.equal(null);
  });

  it('is held against a curve, by what no line explains', () => {
    // The cubic 1 −3 3 −1 has none of the square.
    const at = (ys: number[]) => ys.map((y, x) => ({ x, y }));
    expect(curvature(at([1, -3, 3, -1]))).to.be.closeTo(0, 1e-9);
    expect(curvature(at([0, 1, 4, 9]))).to.be.greaterThan(1e6);
    expect(curvature(at([0, -1, -4, -9]))).to.be.lessThan(-1e6);
    // Bend 2 · (1 −1 −1 1) / 2 beside noise of length √20, with one degree of freedom.
    expect(curvature(at([2, -4, 2, 0]))).to.be.closeTo(2 / Math.sqrt(20), 1e-9);
    expect(curvature(at([1, 2, 3, 4]))).to.equal(null);
    expect(curvature(at([1, 3, 2]))).to.equal(null);
  });

  it('holds one more observation as often as it says, also far away', () => {
    const draw = randomStream(12);
    const noise = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    const observe = (x: number): Point => ({ x, y: 100 + 5 * x + 20 * noise() });
    let held = 0;
    const times = 2_000;
    for (let time = 0; time < times; time++) {
      const { low, high } = predict(fitLine([1, 1, 10, 10, 40].map(observe))!, 500, 0.95)!;
      const { y } = observe(500);
      if (y >= low && y <= high) held += 1;
    }
    // Four standard deviations of such a count are 0.02.
    expect(held / times).to.be.within(0.93, 0.97);
  });
});
