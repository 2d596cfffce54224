// What a run waits for people to do, by its journal as far as it has come. Pure.
import type { RunEvent } from '../../evidence/event.ts';

export type Asked = Extract<RunEvent, { event: 'operator.asked' }>;

/** What comes after a question to a person, however it is answered. */
const ANSWERED = /^(disaster\.|step\.(confirmed|failed)$|phase\.ended$)/;

/** What somebody is to answer; null: nobody is asked. */
export function askedIn(events: readonly RunEvent[]): Asked | null {
  const last = events.findLast(({ event }) => ANSWERED.test(event) || event === 'operator.asked');
  return last?.event === 'operator.asked' ? last : null;
}

/** What somebody holds it before; null: nobody holds it. */
export function heldIn(events: readonly RunEvent[]): string | null {
  const last = events.findLast(({ event }) => event === 'run.held' || event === 'run.released');
  return last?.event === 'run.held' ? last.before : null;
}
