// What events say of the people beside a run: who held it, and who let it go on.
import * as z from 'zod';

const text = z.string();

export const held = { before: text, by: text };

/** `seen`: whether drill looks for itself that it is done. */
export const confirmed = { step: text, by: text, seen: z.boolean() };

export const released = { by: text, order: z.enum(['resume', 'step']), ms: z.number() };
