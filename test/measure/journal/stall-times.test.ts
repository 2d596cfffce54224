// Where a part of drill may stand still and what that touches, to the millisecond: before the
// fault, until service was back, after it, and by the fault itself.
import { expect } from 'chai';
import type { Outage } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import {
  stallDoubts,
  stalledAfter,
  stallsIn,
  stallsOf,
} from '../../../src/measure/journal/stalls.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const { faultStarted, faultInjected, cut } = TIMES;
/** Three checks, each 250 ms after the last one, and 250 ms for the answer of the last. */
const DETECTION_MS = 1_000;

const program = (name: string, from_ms: number, to_ms: number): RunEvent => {
  return { t: to_ms, event: 'program.stalled', program: name, ms: to_ms - from_ms };
};
const runner = (from_ms: number, to_ms: number): RunEvent => {
  return { t: to_ms, event: 'runner.stalled', ms: to_ms - from_ms };
};
type Changes = Parameters<typeof journal>[0];
const runOf = (stalls: readonly RunEvent[], of: Plan = plan, changes: Changes = {}) =>
  new Timeline(of, [...journal(changes), ...stalls]);

describe('the times at which parts of drill stood still', () => {
  it('are in the order of their ends, each with its name', () => {
    const all = stallsOf(runOf([runner(8_000, 9_000), program('gslb', 7_000, 8_500)]));
    expect(all).to.deep.equal([
      { who: 'the gslb', isRunner: false, from_ms: 7_000, to_ms: 8_500 },
      { who: 'drill itself', isRunner: true, from_ms: 8_000, to_ms: 9_000 },
    ]);
  });

  it('count from half a second, and where they touch the span', () => {
    const inSpan = (from_ms: number, to_ms: number) =>
      stallsIn(runOf([program('gslb', from_ms, to_ms)]), { from_ms: 7_000, to_ms: 8_000 }).length;
    expect([inSpan(7_100, 7_600), inSpan(7_100, 7_599)]).to.deep.equal([1, 0]);
    expect([inSpan(6_000, 7_000), inSpan(6_000, 6_999)]).to.deep.equal([1, 0]);
    expect([inSpan(8_000, 9_000), inSpan(8_001, 9_000)]).to.deep.equal([1, 0]);
  });

  it('of the clients are told by their ledgers, and by nothing else', () => {
    const span = { from_ms: 0, to_ms: cut };
    const named = ['workload', 'workload-redis', 'west/workload', 'proxy'].map((name) =>
      program(name, 7_000, 8_000),
    );
    const found = stallsIn(runOf(named), span).map(({ who }) => who);
    expect(found).to.deep.equal(['west/workload', 'the proxy']);
  });
});

describe('a region that a fault lets stand still', () => {
  const frozen = (region: string, index: number) =>
    plannedFault('lose-region', { how: 'freeze', disks: 'kept' }, { region, index });
  const killed = (region: string, index: number) =>
    plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { region, index });
  const begun = { event: 'fault.started', index: 1, kind: 'lose-region', region: 'west' } as const;
  const second = { ...begun, t: 6_000, disaster: false } as RunEvent;
  const healed: RunEvent = { t: 9_000, event: 'fault.healed', index: 0, by: 'schedule' };
  const names = (faults: Plan['faults'], ...events: RunEvent[]) =>
    stallsOf(runOf(events, { ...plan, faults })).map(({ who }) => who);
  const east = (from_ms: number) => program('east/app-1', from_ms, from_ms + 900);
  const west = (from_ms: number) => program('west/app-1', from_ms, from_ms + 900);

  it('explains what stands still in it, up to its heal', () => {
    expect(names([frozen('east', 0)], healed, east(7_000), east(9_000))).to.deep.equal([]);
    expect(names([frozen('east', 0)], healed, east(9_001))).to.deep.equal(['east/app-1']);
    expect(names([frozen('east', 0)], east(15_000))).to.deep.equal([]);
  });

  it('explains nothing of another region, and a dead one explains nothing at all', () => {
    expect(names([frozen('east', 0)], west(7_000))).to.deep.equal(['west/app-1']);
    expect(names([killed('east', 0)], east(7_000))).to.deep.equal(['east/app-1']);
    const both = [frozen('east', 0), killed('west', 1)];
    expect(names(both, second, east(7_000), west(7_500))).to.deep.equal(['west/app-1']);
  });

  it('may be one of two', () => {
    const both = [frozen('east', 0), frozen('west', 1)];
    expect(names(both, second, east(7_000), west(7_500))).to.deep.equal([]);
  });
});

describe('what a part that stood still leaves open', () => {
  const outage = (closed_ms: number | null): Outage => {
    return { opened_ms: faultStarted, closed_ms, last_unserved_ms: null };
  };
  const back = (value: number | null, ...outages: readonly Outage[]) => {
    return { rto: { value, low: value, high: value }, outages };
  };
  const quick = back(600, outage(faultStarted + 600));
  const about = (
    stalls: readonly RunEvent[],
    recovery: Parameters<typeof stallDoubts>[2] = quick,
    changes: Changes = {},
  ) => {
    const run = runOf(stalls, plan, changes);
    return stallDoubts(run, run.disaster!, recovery).map(({ affects, reason }) => [
      affects,
      reason,
    ]);
  };
  const HIDDEN =
    'The gslb stood still for 600 ms just before the fault: ' +
    'what the disaster met was not the system at work.';
  const delays = (who: string, of = '600 ms') =>
    `${who} for ${of} after the fault, so the recovery took longer than the system needs.`;

  it('is what the disaster met, where it began before the fault and within a detection of it', () => {
    const hidden = [
      ['recovery', HIDDEN],
      ['loss', HIDDEN],
    ];
    expect(about([program('gslb', faultStarted - 1, faultStarted + 599)])).to.deep.equal(hidden);
    const oldest = faultStarted - DETECTION_MS;
    expect(about([program('gslb', oldest - 600, oldest)])).to.deep.equal(hidden);
    expect(about([program('gslb', oldest - 601, oldest - 1)])).to.deep.equal([]);
  });

  it('is the recovery alone, where it began with the fault or after it', () => {
    for (const from of [faultStarted, faultStarted + 1, faultInjected]) {
      const delayed = [['recovery', delays('The gslb stood still')]];
      expect(about([program('gslb', from, from + 600)]), String(from)).to.deep.equal(delayed);
    }
  });

  it('is the recovery alone, where it is the runner, which no client waits for', () => {
    const delayed = [['recovery', delays('Drill itself did not get to run')]];
    expect(about([runner(faultStarted - 300, faultStarted + 300)])).to.deep.equal(delayed);
    expect(about([runner(faultStarted - 700, faultStarted - 100)])).to.deep.equal([]);
  });

  it('reaches as far as service was away', () => {
    const at = (from: number) => [program('gslb', from, from + 600)];
    const isOpen = (from: number, ...seen: readonly (ReturnType<typeof back> | null)[]) =>
      seen.map((recovery) => about(at(from), recovery).length);
    expect([
      ...isOpen(faultStarted + 600, quick),
      ...isOpen(faultStarted + 601, quick),
    ]).to.deep.equal([1, 0]);
    const never = [null, back(null), back(null, outage(null))];
    expect(isOpen(cut, ...never)).to.deep.equal([1, 1, 1]);
    expect(isOpen(cut + 1, ...never)).to.deep.equal([0, 0, 0]);
    const stayed = back(0);
    expect(isOpen(faultStarted + 1, stayed)).to.deep.equal([0]);
    expect(about(at(cut + 1), null, { 'workload.stopped': null })).to.have.length(1);
  });

  it('is service once it was back, where it was not the runner', () => {
    const after = (...stalls: RunEvent[]) => stalledAfter(runOf(stalls), 10_000);
    const told = 'The proxy stood still for 700 ms while service was watched.';
    expect(after(runner(11_000, 12_000), program('proxy', 12_000, 12_700))).to.equal(told);
    expect(after(runner(11_000, 12_000), program('proxy', 9_000, 9_700))).to.equal(null);
  });
});
