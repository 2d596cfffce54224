// What events say of a synchronous standby that commits wait for no more, and again.
import * as z from 'zod';

const text = z.string();
const number = z.number();

const by = z.enum(['release', 'cancel-sync-wait']);
export type ReleaseWay = z.output<typeof by>;

/** It took `ms` up to the event; `detail`: what was seen of it. */
export const released = { node: text, by, ms: number, detail: text };

export const required = { node: text, region: text, ms: number };

/** What the primary says of its standby, between two moments. */
export const standing = z.strictObject({
  asked_ms: number,
  answered_ms: number,
  /** Bytes of log: written, and what of that the standby has said to have; null: it is gone. */
  written_bytes: number.nullable(),
  has_bytes: number.nullable(),
});
