// A message for one receiver as it stands on the disk, from before the first try until long after
// the last.
import * as z from 'zod';
import { fitted } from '../../drill/misfit.ts';
import type { Frozen } from '../../drill/planned.ts';
import { messageForm } from '../../evidence/message-form.ts';

const text = z.string();

const entryForm = z.object({
  schema: z.literal('drill.outbox/1'),
  /** The label of its receiver, in the file of `message.gameday.name`. */
  receiver: text,
  state: z.enum(['waiting', 'sent', 'given up']),
  tries: z.int().min(0),
  /** Milliseconds since 1970, as all here. */
  since_ms: z.number(),
  next_ms: z.number(),
  /** What came of the last try; null: there was none. */
  last: text.nullable(),
  message: messageForm,
});

export type Entry = Frozen<z.output<typeof entryForm>>;

/** Null for what no version wrote that this one knows. */
export function entryIn(written: string): Entry | null {
  try {
    const fit = fitted(entryForm, JSON.parse(written));
    return 'problem' in fit ? null : fit.value;
  } catch {
    return null;
  }
}
