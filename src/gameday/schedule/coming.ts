// When a game day is due: the moments of its schedule, moved by its jitter, and which of them fall
// where none may begin. The same file gives the same moments on every machine, so that several
// services agree on them. Pure.
import { mix32, randomStream } from '../../base/random.ts';
import { nextMoment, type CronLine } from './cron.ts';
import { isInWindow, isOnDates, type Dates, type Window } from './window.ts';

/** Times are milliseconds since 1970. */
export interface Due {
  /** What the schedule names: it stands for this game day, whenever it is begun. */
  readonly due_ms: number;
  /** With the jitter. */
  readonly at_ms: number;
  /** Why it does not begin then; null: it does. */
  readonly blocked: string | null;
}

/** When game days of a file may begin. */
interface Calendar {
  readonly allowed_windows: readonly Window[];
  readonly blocked_windows: readonly Window[];
  readonly blocked_dates: readonly Dates[];
}

interface Scheduled extends Calendar {
  readonly name: string;
  readonly schedule: readonly CronLine[];
  /** Milliseconds. */
  readonly jitter: number;
}

/** All that is due after one moment and until another, in the order of `due_ms`. */
export function* comingOf(
  gameday: Scheduled,
  { after_ms, until_ms }: { readonly after_ms: number; readonly until_ms: number },
): Generator<Due> {
  let last_ms = after_ms;
  for (;;) {
    const next = gameday.schedule.flatMap((line) => nextMoment(line, last_ms) ?? []);
    const due_ms = Math.min(...next);
    if (!(due_ms <= until_ms) || due_ms === Infinity) return;
    yield dueAt(gameday, due_ms);
    last_ms = due_ms;
  }
}

/** Nobody asks for what comes later: a line may name one day in eight years. */
const AHEAD_MS = 10 * 366 * 86_400_000;

/** The next ones, so many at most. */
export function nextOf(gameday: Scheduled, after_ms: number, most: number): Due[] {
  const found: Due[] = [];
  for (const each of comingOf(gameday, { after_ms, until_ms: after_ms + AHEAD_MS })) {
    found.push(each);
    if (found.length === most) break;
  }
  return found;
}

/** A moment that the jitter would move to where none may begin is not moved. */
function dueAt(gameday: Scheduled, due_ms: number): Due {
  const moved_ms = due_ms + Math.floor(gameday.jitter * drawn(gameday.name, due_ms));
  const isMovable = blockOf(gameday, moved_ms) === null;
  const at_ms = isMovable ? moved_ms : due_ms;
  return { due_ms, at_ms, blocked: blockOf(gameday, at_ms) };
}

/** Why no game day begins at this moment, in words; null: one may. */
export function blockOf(calendar: Calendar, at_ms: number): string | null {
  const { allowed_windows, blocked_windows, blocked_dates } = calendar;
  const isIn = (window: Window) => isInWindow(window, at_ms);
  const dates = blocked_dates.find((each) => isOnDates(each, at_ms));
  if (dates !== undefined) return `blocked on ${dates.text}`;
  const blocking = blocked_windows.find(isIn);
  if (blocking !== undefined) return `blocked ${blocking.text}`;
  if (allowed_windows.length === 0 || allowed_windows.some(isIn)) return null;
  return `outside of ${allowed_windows.map(({ text }) => text).join(', ')}`;
}

/** From 0 to 1, and another one for each moment. */
function drawn(name: string, due_ms: number): number {
  const letters = Array.from(name, (letter) => letter.codePointAt(0)!);
  const seed = mix32(...letters, Math.floor(due_ms / 60_000));
  return randomStream(seed)();
}
