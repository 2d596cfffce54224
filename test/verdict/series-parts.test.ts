// What a series says besides its verdict: each reason in its place, each trial as it was, and
// targets that trials are held against one by one.
import { expect } from 'chai';
import type { TrialRule } from '../../src/drill/file/schema-repeat.ts';
import type { FailureCode } from '../../src/measure/measured.ts';
import type { Gate, Result } from '../../src/verdict/result.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { leftBehind, notBroughtUp, passed, rtoGate } from '../support/evidence/results.ts';

const WORST: TrialRule = { gate: 'worst' };
const TWO: TrialRule = { at_least: { met: 2, of: 3 } };

const judged = (trials: readonly (Result | null)[], rule: TrialRule = WORST) =>
  judgeSeries({ id: 'series', rule, trials })!;
const share: Gate = {
  ...{ name: 'availability', unit: 'share', bound: 'at least', target: 0.9, margin: null },
  ...{ measured: 0.95, low: 0.95, high: 0.95, verdict: 'pass', reason: null },
};
const served = (measured: number, change: Partial<Result> = {}): Result => ({
  ...passed,
  gates: [rtoGate, { ...share, measured, low: measured, high: measured }],
  ...change,
});
const failedBy = (...codes: readonly FailureCode[]): Partial<Result> => ({
  verdict: 'fail',
  failures: codes.map((code) => ({ code, text: `It was ${code}.` })),
});
const standings = (trial: Result) =>
  judged([trial]).gates.map(({ met, missed, open }) => [met, missed, open]);

describe('a series', () => {
  it('has its drill, its rule and each trial as it was', () => {
    const trial = { series_seed: 3, moved_ms: 250, within_ms: 1_000 };
    const moved = { ...passed, id: 'moved', drill: { ...passed.drill, seed: 9, trial } };
    const series = judged([passed, moved, notBroughtUp]);
    const { name, strategy, sha256 } = passed.drill;
    expect(series).to.deep.include({
      ...{ schema: 'drill.series-result/1', id: 'series', rule: WORST },
      ...{ drill: { name, strategy, sha256 }, planned: 3, made: 3, needed: 3 },
    });
    const [first, second, third] = series.trials;
    expect(first).to.deep.equal({
      ...{ run: passed.id, seed: 1, moved_ms: 0, verdict: 'pass', reasons: [] },
      gates: passed.gates.map((gate) => {
        const { name: its, verdict, measured, low, high } = gate;
        return { name: its, verdict, measured, low, high };
      }),
      ...{ rto_ms: 2310, rpo_ms: 0, lost: 0, phases: passed.recovery!.phases },
    });
    expect(second).to.include({ run: 'moved', seed: 9, moved_ms: 250 });
    expect(third).to.deep.include({ rto_ms: null, rpo_ms: null, lost: null, phases: [] });
  });

  it('has what was measured with and on, and what was broken, where the trials say so', () => {
    const { runtime } = passed;
    expect(judged([passed]).surroundings).to.deep.equal({ runtime });
    const machine = { cpu: 'a', cpus: 2 } as unknown as NonNullable<Result['machine']>;
    const around = { drill_version: '0.1.0', machine, databases: [] };
    const regions = { kept: true, why: '' };
    const faults = [{ index: 0, kind: 'lose-region' }] as unknown as Result['faults'] & object;
    const causes = [{ phase: 'decide', kind: 'declared-by-operator', ms: 5 }] as const;
    const drill = { ...passed.drill, controls: ['SOC 2 A1.3'] };
    const recovery = { ...passed.recovery!, causes };
    const told = { ...passed, ...around, regions, faults, drill, recovery };
    const series = judged([told]);
    expect(series.surroundings).to.deep.equal({ runtime, ...around });
    expect(series.trials[0]).to.deep.include({ regions, faults, causes });
    expect(series.drill.controls).to.deep.equal(['SOC 2 A1.3']);
    expect(judged([passed]).drill).to.not.have.property('controls');
  });

  it('has no number where no trial has one, and else the one in the middle', () => {
    const after = (rto_ms: number | null, id: string): Result => ({
      ...passed,
      ...{ id, recovery: { ...passed.recovery!, rto_ms } },
    });
    expect(judged([{ ...passed, id: 'a', recovery: null }]).rto_ms).to.equal(null);
    const never = { min: null, median: null, max: null, of: 1 };
    expect(judged([after(null, 'a')]).rto_ms, 'watched, and never back').to.deep.equal(never);
    const three = [after(10_000, 'a'), after(2_000, 'b'), after(9_000, 'c')];
    const spread = { min: 2_000, median: 9_000, max: 10_000, of: 3 };
    expect(judged(three).rto_ms).to.deep.equal(spread);
    const names = (result: Result) => judged([result, notBroughtUp]).phases.map(({ name }) => name);
    expect(names(passed)).to.deep.equal(passed.recovery!.phases.map(({ name }) => name));
    const [detect, decide] = judged([passed, notBroughtUp]).phases;
    expect([detect!.ms!.median, decide!.ms!.median]).to.deep.equal([812.4, 2.1]);
  });

  it('is decided by what serves less where a target is a least', () => {
    const three = [served(0.95), served(0.92), served(0.99)];
    const [rto, available] = judged(three).gates;
    expect([rto!.decided, available!.decided]).to.deep.equal([2310, 0.92]);
    expect(judged(three, TWO).gates[1]!.decided).to.equal(0.95);
    const rtos = [4_000, 2_000, 3_000].map((measured) => {
      return { ...passed, gates: [{ ...rtoGate, measured }] };
    });
    expect(judged(rtos, TWO).gates[0]!.decided, 'of a most what takes longer').to.equal(3_000);
    expect(judged([...three, null]).gates[1]!.decided).to.equal(null);
    expect(judged([...three, null], TWO).gates[1]!.decided).to.equal(null);
    expect(available!.measured).to.deep.equal({ min: 0.92, median: 0.95, max: 0.99, of: 3 });
  });
});

describe('a target of one trial', () => {
  it('is missed by itself, and the others are not', () => {
    const low = { ...share, measured: 0.8, low: 0.8, high: 0.8, verdict: 'fail' } as const;
    const missed = served(0, { ...failedBy('target-missed'), gates: [rtoGate, low] });
    expect(standings(missed)).to.deep.equal([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('is missed with all others where anything else failed', () => {
    const all = [
      [0, 1, 0],
      [0, 1, 0],
    ];
    const both = failedBy('target-missed', 'recovery-step-failed');
    expect(standings(served(0.95, both))).to.deep.equal(all);
    expect(standings(served(0.95, failedBy('recovery-step-failed')))).to.deep.equal(all);
  });

  it('is open in a trial that does not have it, or broke off', () => {
    const broken = { ...notBroughtUp, id: 'broken' };
    expect(judged([passed, broken]).gates[0]).to.include({ met: 1, missed: 0, open: 1 });
    const other = { ...passed, gates: [share] };
    const [rto] = judged([served(0.95), other]).gates;
    expect(rto).to.include({ met: 1, missed: 0, open: 1, decided: null });
    expect(rto!.measured!.of).to.equal(1);
  });

  it('has no number where it was not measured, of whatever kind it is', () => {
    const none = { measured: null, low: null, high: null } as const;
    const open = { ...rtoGate, ...none, verdict: 'inconclusive' } as const;
    const missed = { ...share, ...none, verdict: 'fail' } as const;
    const [rto, available] = judged([served(0.95), { ...passed, gates: [open, missed] }]).gates;
    expect([rto!.measured!.of, available!.measured!.of]).to.deep.equal([1, 1]);
    expect(rto!.measured!.max).to.equal(2310);
  });

  it('is one of those of the trial that has the most, the first of them', () => {
    const names = (...trials: Result[]) => judged(trials).gates.map(({ name }) => name);
    const other = { ...passed, gates: [share, rtoGate] };
    expect(names({ ...passed, gates: [rtoGate] }, passed, other)).to.deep.equal(['rto', 'rpo']);
  });
});

describe('the reasons of a series', () => {
  it('are the worst first, each once', () => {
    const doubtful: Result = { ...passed, verdict: 'inconclusive', reasons: ['Nobody knows.'] };
    const trials = [passed, { ...doubtful, id: 'a' }, { ...doubtful, id: 'a' }, leftBehind];
    const series = judged([...trials, { ...passed, id: 'bug', verdict: 'internal' }]);
    expect(series.verdict).to.equal('internal');
    expect(series.reasons).to.deep.equal([
      'bug: internal',
      `${leftBehind.id}: 1 thing could not be cleaned up.`,
      '1 of 5 trials met the target rto, every one has to; 4 could not be judged.',
      '1 of 5 trials met the target rpo, every one has to; 4 could not be judged.',
      'a: Nobody knows.',
    ]);
  });

  it('say that nothing was measured, and of what the environment kept open', () => {
    expect(judged([passed, null, null], TWO).reasons[0]).to.equal(
      '1 of 3 trials met the target rto, 2 have to; 2 were not made.',
    );
    const open = { ...passed, id: 'b', verdict: 'inconclusive' } as const;
    const trials = [passed, open, null, null, null];
    const { reasons } = judgeSeries({ id: 'series', rule: TWO, trials, uncounted: 1 })!;
    expect(reasons[0]).to.equal(
      '1 of 5 trials met the target rto, 4 have to; 1 could not be judged; 2 were not made; ' +
        '1 was removed or changed since.',
    );
    const changed = judgeSeries({ id: 'series', rule: TWO, trials, uncounted: 2 })!;
    expect(changed.reasons[0]).to.contain('; 1 was not made; 2 were removed or changed since.');
    expect(judged([{ ...passed, gates: [] }]).reasons).to.deep.equal(['No trial was measured.']);
    const silent = { ...notBroughtUp, id: 'b', reasons: [] };
    expect(judged([passed, silent]).reasons[0]).to.equal('b: environment');
  });

  const tolerable: readonly FailureCode[] = [
    ...(['target-missed', 'recovery-step-failed', 'failback-step-failed'] as const),
    ...(['environment-failed', 'not-declared', 'disturbed-before'] as const),
  ];
  for (const code of tolerable) {
    it(`have no ${code} of one trial where two of three are enough`, () => {
      const trials = [passed, passed, { ...passed, id: 'failed', ...failedBy(code) }];
      expect(judged(trials, TWO)).to.deep.include({ verdict: 'pass', reasons: [] });
    });
  }
});
