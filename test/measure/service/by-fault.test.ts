// Which fault cost what: planted operations, of which it is known while what each was due.
import { expect } from 'chai';
import { randomStream } from '../../../src/base/random.ts';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Outcome } from '../../../src/evidence/ledger/operation.ts';
import { byFault } from '../../../src/measure/service/by-fault.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { operationsOf, plan, TIMEOUT_MS, type Op } from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const CLOCK = { from_ms: 1_000, to_ms: 9_000 };
const WITHIN = { within_ms: 100 };

const slow = (index: number, link: string): PlannedFault =>
  plannedFault('latency', { link, latency_ms: 50 }, { index, disaster: index === 0 });
const lasted = (fault: PlannedFault, from: number, to: number | null): RunEvent[] => {
  const { index, kind, region, disaster } = fault;
  const began: RunEvent[] = [
    { t: from, event: 'fault.started', index, kind, region, disaster },
    { t: from + 1, event: 'fault.injected', index, detail: '' },
  ];
  const healed = { event: 'fault.healed', index, by: 'schedule', gone: [] } as const;
  return to === null ? began : [...began, { t: to, ...healed }];
};

function measure(faults: readonly PlannedFault[], events: readonly RunEvent[], ops: readonly Op[]) {
  const run = new Timeline({ ...plan, disaster: 'none', faults }, events);
  return byFault(run, operationsOf(ops), CLOCK, WITHIN);
}

let sequence = 0;
const op = (due: number, outcome: Outcome = 'acknowledged', took_ms = 5): Op => {
  const done_ms = outcome === 'unsent' ? null : due + took_ms;
  return { writer: 1, sequence: ++sequence, scheduled_ms: due, done_ms, outcome };
};

const [one, two] = [slow(0, 'clients-east'), slow(1, 'east-west')];

describe('what clients met, by fault', () => {
  it('tells two faults apart, what both did together, and the time without any', () => {
    const events = [...lasted(one, 1_000, 4_000), ...lasted(two, 3_000, 6_000)];
    const met = measure([one, two], events, [
      ...[op(999, 'refused'), op(1_000, 'acknowledged', 101), op(2_999, 'acknowledged', 100)],
      ...[op(3_000, 'unknown'), op(3_999, 'unsent')],
      ...[op(4_000, 'refused'), op(5_999)],
      ...[op(6_000), op(8_999), op(9_000, 'refused')],
    ]);
    const none = { slow: 0, refused: 0, unknown: 0, unsent: 0 };
    expect(met).to.deep.equal([
      { ...none, faults: [0], ms: 2_000, due: 2, served: 1, slow: 1, p99_ms: 101 },
      {
        ...none,
        faults: [0, 1],
        ms: 1_000,
        due: 2,
        served: 0,
        unknown: 1,
        unsent: 1,
        p99_ms: TIMEOUT_MS,
      },
      { ...none, faults: [1], ms: 2_000, due: 2, served: 1, refused: 1, p99_ms: TIMEOUT_MS },
      { ...none, faults: [], ms: 3_000, due: 2, served: 2, p99_ms: 5 },
    ]);
  });

  it('counts a fault that is repeated once, and one that nobody ends to the end', () => {
    const again = { ...one, index: 1, disaster: false };
    const kept = { ...two, index: 2 };
    const events = [
      ...lasted(one, 1_000, 2_000),
      ...lasted(again, 3_000, 4_000),
      ...lasted(kept, 8_000, null),
    ];
    const met = measure([one, again, kept], events, [op(1_500), op(3_500), op(5_000), op(8_500)]);
    expect(met.map(({ faults, ms, due }) => [faults, ms, due])).to.deep.equal([
      [[0], 2_000, 2],
      [[2], 1_000, 1],
      [[], 5_000, 1],
    ]);
  });

  it('leaves out what was there beforehand, as it is there all the time', () => {
    const before = { ...two, beforehand: true };
    const events = [...lasted(before, 100, null), ...lasted(one, 1_000, 2_000)];
    const met = measure([one, before], events, [op(1_500), op(2_500)]);
    expect(met.map(({ faults }) => faults)).to.deep.equal([[0], []]);
  });

  it('counts each operation since the first fault once, wherever faults begin and end', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomStream(seed);
      const faults = Array.from({ length: 4 }, (_, at) => slow(at, `link-${at}`));
      const events = faults.flatMap((fault, at) => {
        const from = at === 0 ? CLOCK.from_ms : 1_000 + 8_000 * random();
        return lasted(fault, from, random() < 0.3 ? null : from + 4_000 * random());
      });
      const outcomes = ['acknowledged', 'refused', 'unknown', 'unsent'] as const;
      const ops = Array.from({ length: 400 }, () =>
        op(1_000 + 7_999 * random(), outcomes[Math.floor(4 * random())], 200 * random()),
      );
      const met = measure(faults, events, ops);
      const sum = (of: (each: (typeof met)[number]) => number) =>
        met.reduce((all, each) => all + of(each), 0);
      expect(
        sum(({ due }) => due),
        `seed ${seed}`,
      ).to.equal(ops.length);
      expect(sum(({ ms }) => ms)).to.be.closeTo(8_000, 100);
      for (const { due, served, slow, refused, unknown, unsent } of met) {
        expect(served + slow + refused + unknown + unsent).to.equal(due);
      }
      const refused = ops.filter(({ outcome }) => outcome === 'refused');
      expect(sum((each) => each.refused)).to.equal(refused.length);
    }
  });
});
