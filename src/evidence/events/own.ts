// What events say of a system that somebody else runs.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

const text = z.string();

export const serverSeen = {
  node: text,
  state: z.enum(['primary', 'standby', 'refuses', 'silent']),
  /** On which it took a write; null: it took none. */
  timeline: count.nullable(),
  detail: text,
};

/** Each was a primary all that time, as far as looks every so often tell. */
export const overlapped = { nodes: z.array(text), from_ms: z.number(), to_ms: z.number() };

/** `serving`: what the system calls its primary; `found`: the servers that have it. */
export const sought = { serving: text, found: z.array(text) };
