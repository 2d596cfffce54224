// What events say of the people beside a run: who held it, and who let it go on.
import * as z from 'zod';

const text = z.string();

export const held = { before: text, by: text };

export const released = { by: text, order: z.enum(['resume', 'step']), ms: z.number() };
