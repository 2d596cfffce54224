// The events that measurement hangs on, found in the journal.
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
  readonly kind: string;
  readonly region: string;
  /** Before the first call that injects it. */
  readonly started_ms: number;
  /** After the last one; the start, where the journal does not say. */
  readonly injected_ms: number;
}

/** Null when the run never came to it. */
export function disasterOf(events: readonly RunEvent[]): Disaster | null {
  const started = eventsOf(events, 'fault.started').find(({ disaster }) => disaster);
  if (started === undefined) return null;
  const { index, kind, region, t } = started;
  const injected = eventsOf(events, 'fault.injected').find((event) => event.index === index);
  return { index, kind, region, started_ms: t, injected_ms: Math.max(t, injected?.t ?? t) };
}

/** Null when there was no whole steady phase. */
export function steadyWindowOf(
  events: readonly RunEvent[],
): { from_ms: number; to_ms: number } | null {
  const from = firstOf(events, 'steady.started');
  const to = firstOf(events, 'steady.ended');
  return from === null || to === null ? null : { from_ms: from.t, to_ms: to.t };
}

/** When scheduling stopped; null when it never did. */
export function cutOf(events: readonly RunEvent[]): number | null {
  return firstOf(events, 'workload.stopped')?.t ?? null;
}
