// The journal of a run whose truth is known: every event of a whole recovery, the measured ones at
// their true times.
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { MarkerReply } from '../../workload/protocol.ts';

/** On the run's clock. */
export interface TruthTimes {
  readonly steadyFrom: number;
  readonly steadyTo: number;
  /** Before the first injecting call. */
  readonly started: number;
  /** After it returned. */
  readonly injected: number;
  readonly redirected: number | null;
  readonly cut: number;
}

interface RunFacts {
  readonly clock: Clock;
  readonly times: TruthTimes;
  readonly drained_ms: number;
  readonly in_flight: number;
  readonly marker: MarkerReply;
  /** In the serving database. */
  readonly rows: number;
}

/**
 * The steps of the recovery stand at made-up times after the fault, so that phases have something
 * to be cut at.
 */
export function eventsOfRun(id: string, plan: Plan, facts: RunFacts): RunEvent[] {
  const { clock, times, drained_ms, in_flight, marker, rows } = facts;
  const { steadyFrom, steadyTo, started, injected, redirected, cut } = times;
  const ok = [{ name: 'seen', ok: true, detail: 'it bit' }];
  const { kind, region } = plan.faults[0]!;
  const now = clock.now();
  const node = 'west/postgres';
  const { name } = plan;
  const at = new Date(clock.wall()).toISOString();
  const read = { reading: 'serving', node, rows, timeline: 2, snapshot: '1:1:', ok: true };
  return [
    { t: 0, event: 'run.started', id, name, at, origin_ms: 0, drill_version: '0.1.0' },
    { t: 0, event: 'workload.started', store: 'orders', scheduled_from_ms: 0 },
    { t: steadyFrom, event: 'warm-up.ended', settled: true, ms: steadyFrom, p99_ms: 2 },
    { t: steadyFrom, event: 'steady.started' },
    { t: steadyTo, event: 'steady.ended' },
    { t: steadyTo, event: 'preflight.checked', checks: ok },
    { t: started, event: 'fault.started', index: 0, kind, region, disaster: true },
    { t: injected, event: 'fault.injected', index: 0, detail: '' },
    { t: injected + 1, event: 'fault.proved', index: 0, ok: true, checks: ok },
    { t: started + 13.37, event: 'region.down', region, detail: 'no answer' },
    { t: started + 14.5, event: 'disaster.declared', by: 'automatic' },
    { t: started + 21.03, event: 'fence.proved', checks: ok },
    { t: started + 34.9, event: 'database.writable', node, timeline: 2 },
    { t: started + 35, event: 'app.ready', region: 'west', instances: 1 },
    { t: redirected ?? started + 40.2, event: 'gslb.redirected', region: 'west' },
    { t: cut, event: 'workload.stopped', store: 'orders' },
    { t: drained_ms, event: 'workload.drained', store: 'orders', in_flight },
    { t: now, event: 'marker.written', store: 'orders', ...marker },
    { t: now, event: 'survivors.read', store: 'orders', ...read, detail: '' },
    { t: now, event: 'verification.checked', checks: ok },
    { t: now, event: 'cleanup.ended', clean: true, left: [], ms: 1 },
    { t: now, event: 'run.finished', wall_ms: now },
  ];
}
