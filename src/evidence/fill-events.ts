// The events of databases that get rows of their own (`topology.data`).
import * as z from 'zod';
import { count } from '../drill/planned.ts';

export const FILL_EVENTS = {
  /**
   * Of the filled template: `bytes` so far, `before_bytes` at the event before; `left_ms`: what the
   * rest takes, as fast as it went so far.
   */
  'data.filling': {
    bytes: count,
    before_bytes: count,
    of_bytes: count,
    bytes_per_s: z.number(),
    left_ms: z.number().nullable(),
  },
  /** They are there: the size that PostgreSQL measures; filled in within `ms`, or copied. */
  'data.filled': {
    node: z.string(),
    bytes: count,
    asked_bytes: count,
    from: z.enum(['fill', 'cache']),
    ms: z.number(),
  },
} as const;
