// When a message that did not arrive is tried again: later each time, not all at once, and not for
// ever. Pure.

/** A message that did not arrive within this time is given up. */
export const KEEP_TRYING_MS = 24 * 3_600_000;

const FIRST_MS = 5_000;
const MOST_MS = 30 * 60_000;
/** A receiver that asks for more patience gets so much. */
export const PATIENCE_MS = 3_600_000;

interface Tried {
  /** With the one that has just failed. */
  readonly tries: number;
  readonly since_ms: number;
  readonly now_ms: number;
  /** What the receiver asks for; null: nothing. */
  readonly after_ms: number | null;
  /** In [0, 1). */
  readonly drawn: number;
}

/** Milliseconds since 1970; null: it is given up. */
export function nextTry({ tries, since_ms, now_ms, after_ms, drawn }: Tried): number | null {
  const end_ms = since_ms + KEEP_TRYING_MS;
  if (now_ms >= end_ms) return null;
  const most_ms = Math.min(MOST_MS, FIRST_MS * 2 ** (tries - 1));
  const wait_ms = most_ms * (0.5 + drawn / 2);
  const asked_ms = Math.min(PATIENCE_MS, after_ms ?? 0);
  return Math.min(end_ms, now_ms + Math.max(wait_ms, asked_ms));
}

/** `Retry-After`: seconds, or a date; null: it says nothing. */
export function retryAfter(header: string | undefined, now_ms: number): number | null {
  if (header === undefined) return null;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now_ms;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
