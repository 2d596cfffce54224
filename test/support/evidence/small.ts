// A run of a second, for what hangs on single operations: one is due every 5 ms, service has to
// last for 200 ms, and a measurement takes a millisecond.
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Measurement } from '../../../src/measure/measured.ts';
import { measure } from '../../../src/measure/measure.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  journal,
  plan,
  refuses,
  type EvidenceParts,
  type Op,
  type Service,
} from './synthetic.ts';

export const SMALL = { steadyTo: 200, faultStarted: 300, faultInjected: 302, cut: 1_000 } as const;
/** Who takes longer than that is not served. */
export const WITHIN_MS = 100;

/** Of the 40 operations that are due in 200 ms five that fail are an outage, and four are none. */
export const smallPlan: Plan = {
  ...plan,
  workload: { ...plan.workload, timeout_ms: WITHIN_MS },
  sustain: { for_ms: 200, success: 0.9, capacity: 0.9, within_ms: null },
  recover: { ...plan.recover, deadline_ms: 600 },
};

const MOMENTS: Partial<Record<RunEvent['event'], number>> = {
  ...{ 'run.started': 0, 'workload.started': 0, 'warm-up.ended': 0, 'steady.started': 0 },
  ...{ 'steady.ended': SMALL.steadyTo, 'preflight.checked': SMALL.steadyTo },
  ...{ 'fault.started': SMALL.faultStarted, 'fault.injected': SMALL.faultInjected },
  ...{ 'fault.proved': 303, 'region.down': 330, 'disaster.declared': 331, 'fence.proved': 340 },
  ...{ 'database.writable': 350, 'app.ready': 360, 'gslb.redirected': 370 },
};
const LATER_MS = 19_000;

/** The journal of such a run; `moments` moves events to other times (null: it never happened). */
export function smallJournal(
  moments: Partial<Record<RunEvent['event'], number | null>> = {},
  more: readonly RunEvent[] = [],
): RunEvent[] {
  const events = journal().flatMap((event): RunEvent[] => {
    const planted = moments[event.event];
    if (planted === null) return [];
    return [{ ...event, t: planted ?? MOMENTS[event.event] ?? event.t - LATER_MS }];
  });
  return [...events, ...more];
}

/** Refused for so long from the fault on, then served by the other region. */
export const smallGone =
  (ms: number): Service =>
  (now) => {
    if (now < SMALL.faultStarted) return fromEast;
    return now < SMALL.faultStarted + ms ? refuses : fromWest;
  };

export function smallDrive(service: Service = smallGone(100)): Op[] {
  return drive(service, { until_ms: SMALL.cut });
}

/** Measures it: gone for 100 ms, unless `parts` say otherwise. */
export function measureSmall(parts: EvidenceParts = {}): Measurement {
  const its = { plan: smallPlan, events: smallJournal(), ops: smallDrive(), ...parts };
  return measure(evidenceOf(its));
}
