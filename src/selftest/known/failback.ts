// The failback of a run whose truth is known: the same workload goes on, and the service answers
// nothing for as long as the planned move of service takes.
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { MarkerReply } from '../../workload/protocol.ts';
import type { Workload } from '../../workload/workload.ts';
import type { KnownService } from './service.ts';

/** On the run's clock. */
export interface BackTimes {
  readonly began: number;
  readonly scheduled_from_ms: number;
  readonly moving: number;
  readonly moved: number;
  readonly cut: number;
  readonly drained: number;
  readonly in_flight: number;
  readonly marker: MarkerReply;
  readonly marked: number;
}

interface Scene {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly workload: Workload;
  readonly east: KnownService;
  readonly pause_ms: number;
}

const CALM_MS = 1_200;
const SPARE_MS = 250;

export async function goBack(scene: Scene): Promise<BackTimes> {
  const { plan, clock, workload, east, pause_ms } = scene;
  const began = clock.now();
  const { scheduled_from_ms } = workload.run();
  await clock.sleep(CALM_MS);
  const moving = clock.now();
  await east.behave({ kind: 'decline' });
  await clock.sleep(pause_ms);
  await east.behave({ kind: 'serve' });
  const moved = clock.now();
  await clock.sleep(plan.sustain.for_ms + SPARE_MS);
  workload.stop();
  const cut = clock.now();
  const { in_flight } = await workload.drain();
  const drained = clock.now();
  const marker = await workload.marker();
  const times = { began, scheduled_from_ms, moving, moved, cut };
  return { ...times, drained, in_flight, marker, marked: clock.now() };
}

/** `rows`: how many the serving database holds in the end. */
export function backEventsOf(back: BackTimes, rows: number): RunEvent[] {
  const { began, scheduled_from_ms, moving, moved, cut, drained, in_flight, marker } = back;
  const store = 'orders';
  const node = 'east/postgres';
  const read = { reading: 'after-failback', node, rows, timeline: 1, snapshot: '', ok: true };
  const how = 'followed';
  return [
    { t: began, event: 'phase.started', phase: 'failback', at_most_ms: 60_000 },
    { t: began, event: 'workload.started', store, scheduled_from_ms },
    { t: began + 1, event: 'region.protected', region: 'east', how, ms: 1 },
    { t: moving, event: 'switchover.started', from: 'west', to: 'east' },
    { t: moved, event: 'switchover.ended' },
    { t: cut, event: 'workload.stopped', store },
    { t: drained, event: 'workload.drained', store, in_flight },
    { t: back.marked, event: 'marker.written', store, ...marker },
    { t: back.marked, event: 'survivors.read', store, ...read, detail: '' },
  ];
}
