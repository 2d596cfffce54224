// What events say of the count of what survived.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

const text = z.string();
const ok = z.boolean();

/** One more write by the clients' way, which has to be among the survivors. */
export const markerWritten = { writer: count, sequence: count, node: text, ok, detail: text };

export const survivorsRead = {
  reading: text,
  node: text,
  rows: count,
  timeline: count,
  snapshot: text,
  ok,
  detail: text,
};
