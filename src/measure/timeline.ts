// The events that measurement hangs on, found in the journal.
import { NO_EFFECT, type Effect } from '../drill/fault/fault.ts';
import { STORE_ROLES } from '../drill/plan/plan.ts';
import type { Plan, StoreRole } from '../drill/plan/plan.ts';
import type { EventName, RunEvent } from '../evidence/event.ts';

type EventOf<N extends EventName> = Extract<RunEvent, { event: N }>;

/** All events of one name, in journal order. */
export function eventsOf<N extends EventName>(events: readonly RunEvent[], name: N): EventOf<N>[] {
  return events.filter((event): event is EventOf<N> => event.event === name);
}

export function firstOf<N extends EventName>(
  events: readonly RunEvent[],
  name: N,
): EventOf<N> | null {
  return eventsOf(events, name)[0] ?? null;
}

/** The fault whose start starts the clock. */
export interface Disaster {
  readonly index: number;
  readonly region: string;
  /** As the plan has it; none where the plan does not know the fault. */
  readonly effect: Effect;
  /** Before the first call that injects it. */
  readonly started_ms: number;
  /** After the last one; the start, where the journal does not say. */
  readonly injected_ms: number;
}

/** Null when the run never came to it. */
export function disasterOf(
  { faults }: Pick<Plan, 'faults'>,
  events: readonly RunEvent[],
): Disaster | null {
  const started = eventsOf(events, 'fault.started').find(({ disaster }) => disaster);
  if (started === undefined) return null;
  const { index, region, t } = started;
  const { effect = NO_EFFECT } = faults.find((fault) => fault.index === index) ?? {};
  const injected = eventsOf(events, 'fault.injected').find((event) => event.index === index);
  return { index, region, effect, started_ms: t, injected_ms: Math.max(t, injected?.t ?? t) };
}

/** Null when there was no whole steady phase. */
export function steadyWindowOf(
  events: readonly RunEvent[],
): { from_ms: number; to_ms: number } | null {
  const from = firstOf(events, 'steady.started');
  const to = firstOf(events, 'steady.ended');
  return from === null || to === null ? null : { from_ms: from.t, to_ms: to.t };
}

/** The events whose bodies name a store. */
type StoreEventName =
  | 'workload.started'
  | 'workload.stopped'
  | 'workload.drained'
  | 'marker.written'
  | 'survivors.read';

/** All events of one name that are about one store. */
export function eventsOfStore<N extends StoreEventName>(
  events: readonly RunEvent[],
  name: N,
  store: StoreRole,
): EventOf<N>[] {
  const own = (event: RunEvent) => 'store' in event && event.store === store;
  return eventsOf(events, name).filter(own);
}

/** The drill itself, up to the cut and its count; and the failback, where clients begin again. */
export type Slice = 'drill' | 'failback';

/** When the clients of a store began again, for the failback; null: they never did. */
export function resumeOf(
  events: readonly RunEvent[],
  store: StoreRole,
): EventOf<'workload.started'> | null {
  return eventsOfStore(events, 'workload.started', store)[1] ?? null;
}

/** All events of one name that are about one store in one of the two slices. */
export function eventsOfSlice<N extends StoreEventName>(
  events: readonly RunEvent[],
  name: N,
  store: StoreRole,
  slice: Slice,
): EventOf<N>[] {
  const from_ms = failbackFrom(events) ?? Infinity;
  return eventsOfStore(events, name, store).filter((event: RunEvent) => {
    return event.t >= from_ms === (slice === 'failback');
  });
}

/** When the failback began; null: it never did. */
export function failbackFrom(events: readonly RunEvent[]): number | null {
  const phase = eventsOf(events, 'phase.started').find((event) => event.phase === 'failback');
  if (phase !== undefined) return phase.t;
  const again = STORE_ROLES.flatMap((store) => resumeOf(events, store) ?? []);
  return again.length === 0 ? null : Math.min(...again.map(({ t }) => t));
}

/** When scheduling of a store's operations stopped; null when it never did. */
export function stopOf(
  events: readonly RunEvent[],
  store: StoreRole,
  slice: Slice = 'drill',
): number | null {
  return eventsOfSlice(events, 'workload.stopped', store, slice)[0]?.t ?? null;
}

/**
 * When scheduling stopped, of the first store that did; null when it never did, be it of one store
 * only.
 */
export function cutOf(
  events: readonly RunEvent[],
  stores: readonly StoreRole[],
  slice: Slice = 'drill',
): number | null {
  const stops = stores.map((store) => stopOf(events, store, slice) ?? NaN);
  const cut = Math.min(...stops);
  return Number.isNaN(cut) ? null : cut;
}
