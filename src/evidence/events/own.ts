// What events say of a system that somebody else runs.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';
import { STEP_MARKS } from '../../drill/recovery/by-hand.ts';
import { SERVER_STATES } from './server-look.ts';

const text = z.string();

export const serverSeen = {
  node: text,
  state: z.enum(SERVER_STATES),
  /** On which it took a write; null: it took none. */
  timeline: count.nullable(),
  detail: text,
};

/** Each was a primary all that time, as far as looks every so often tell. */
export const overlapped = { nodes: z.array(text), from_ms: z.number(), to_ms: z.number() };

/**
 * The first look that saw the fault bite, from `asked_ms` to the event. `not_yet_ms`: when the one
 * before it began, which did not; where there was none, the start of the fault.
 */
export const bitten = { index: count, not_yet_ms: z.number(), asked_ms: z.number() };

/** Whether every server follows the primary again, once all was undone, and how long that took. */
export const followed = {
  ok: z.boolean(),
  checks: z.array(z.strictObject({ name: text, ok: z.boolean(), detail: text })),
  ms: z.number(),
};

/** What a step says that it ends, and whether drill saw the same by looks that began after it. */
export const marked = {
  step: text,
  mark: z.enum(STEP_MARKS),
  ok: z.boolean(),
  detail: text,
};

/** What the looks took of each server, by its own clock. */
export const watchEnded = {
  over_ms: z.number(),
  nodes: z.array(
    z.strictObject({
      node: text,
      statements: count,
      spent_ms: z.number(),
      /** Until the answers were here. */
      waited_ms: z.number(),
    }),
  ),
};

/** `serving`: what the system calls its primary; `found`: the servers that have it. */
export const sought = { serving: text, found: z.array(text) };
