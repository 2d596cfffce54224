// What events say of databases that get rows of their own (`topology.data`).
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

export const filling = {
  bytes: count,
  /** At the event before. */
  before_bytes: count,
  of_bytes: count,
  bytes_per_s: z.number(),
  left_ms: z.number().nullable(),
};

export const filled = {
  node: z.string(),
  bytes: count,
  asked_bytes: count,
  /** Filled in by this run within `ms`, or copied from what an earlier one had filled. */
  from: z.enum(['fill', 'cache']),
  ms: z.number(),
};

export const restored = {
  node: z.string(),
  backup: z.string(),
  copy_ms: z.number(),
  verify_ms: z.number(),
  replay_ms: z.number(),
  replayed_to: z.string(),
  log_end: z.string(),
  problems: z.array(z.string()),
};
