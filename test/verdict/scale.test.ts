import { expect } from 'chai';
import { scaleRuns } from '../../src/archive/scale.ts';
import { fitOf } from '../../src/verdict/scale.ts';
import { backupRestore, lostForGood } from '../support/evidence/compared.ts';

const GB = 1e9;

/** Runs of 1, 2 and 4 GB in turns, so that their scatter follows no curve. */
function planted(at: (gb: number, turn: number) => number | null) {
  return [1, 2, 4].flatMap((gb) => [0, 1].map((turn) => ({ bytes: gb * GB, ms: at(gb, turn) })));
}

const around = (turn: number, scatter: number) => (turn === 0 ? scatter : -scatter);

describe('fit of times against size', () => {
  it('finds the growth that was planted, and follows it with an interval about the truth', () => {
    const values = planted((gb, turn) => 500 + 2_000 * gb + around(turn, 20));
    const { line, extrapolated, refused } = fitOf('restore', values, 500 * GB);
    expect(refused).to.equal(null);
    expect(line!.per_gb_ms).to.be.closeTo(2_000, 1e-6);
    expect(line!.at_zero_ms).to.be.closeTo(500, 1e-6);
    // Six points: the scatter is √(6 × 20² / 4), of x Sxx = 28 / 3.
    expect(line!.per_gb_error_ms).to.be.closeTo(Math.sqrt((600 * 3) / 28), 1e-9);
    const { value_ms, low_ms, high_ms } = extrapolated!;
    expect(value_ms).to.be.closeTo(1_000_500, 1e-3);
    // t of 4 degrees of freedom, 2.776, times s √(1 + 1/6 + (500 − 7/3)² / Sxx).
    const half = 2.7764 * Math.sqrt(600 * (1 + 1 / 6 + (500 - 7 / 3) ** 2 / (28 / 3)));
    expect(value_ms - low_ms).to.be.closeTo(half, 5);
    expect(high_ms - value_ms).to.be.closeTo(half, 5);
  });

  it('says nothing of another size unless it is asked', () => {
    const { extrapolated, refused } = fitOf(
      'restore',
      planted((gb) => gb),
      null,
    );
    expect([extrapolated, refused]).to.eql([null, null]);
  });

  it('refuses what the line does not bear, with the reason, and what a run lacks', () => {
    const reason = (values: ReturnType<typeof planted>) => {
      const { extrapolated, refused } = fitOf('x', values, 500 * GB);
      expect(extrapolated).to.equal(null);
      return refused;
    };
    expect(reason(planted((gb) => gb).slice(0, 4))).to.include('2 sizes');
    expect(reason(planted((gb, turn) => (gb === 4 && turn === 1 ? null : gb)))).to.equal(
      '1 of 6 runs have no value',
    );
    const curve = planted((gb, turn) => 100 * gb * gb + around(turn, 1));
    expect(reason(curve)).to.include('no straight line');
    const scattered = planted((gb, turn) => 1_000 + 10 * gb + around(turn, 50));
    expect(reason(scattered)).to.include('the line explains');
  });

  it('has a line but no error of two points', () => {
    const { line } = fitOf(
      'x',
      [1, 2].map((gb) => ({ bytes: gb * GB, ms: 100 * gb })),
      null,
    );
    expect(line!.per_gb_ms).to.be.closeTo(100, 1e-9);
    expect(line!.per_gb_error_ms).to.equal(null);
  });

  it('puts runs together by size, and counts only those that were judged on their numbers', () => {
    const small = { ...backupRestore(), data_bytes: GB };
    const large = { ...backupRestore(), data_bytes: 2 * GB };
    const stopped = { ...large, result: { ...large.result, verdict: 'interrupted' as const } };
    const scale = scaleRuns([large, stopped, small], { to_bytes: 9 * GB, notMade: 1 });
    expect(scale.sizes.map(({ bytes, drill }) => [bytes, drill.runs.length])).to.eql([
      [GB, 1],
      [2 * GB, 2],
    ]);
    expect(scale.verdict).to.equal('interrupted');
    const [rto, ...phases] = scale.fits;
    expect([rto!.name, rto!.points.length, rto!.missing]).to.eql(['RTO', 2, 1]);
    expect(phases.map(({ name }) => name)).to.include('restore');
    expect(rto!.refused).to.include('1 of 3 runs');
  });

  it('takes a service that never came back for no point', () => {
    const lost = { ...lostForGood(), data_bytes: GB };
    const scale = scaleRuns([lost], { to_bytes: null, notMade: 0 });
    expect([scale.verdict, scale.fits[0]!.missing, scale.fits[0]!.line]).to.eql(['fail', 1, null]);
  });
});
