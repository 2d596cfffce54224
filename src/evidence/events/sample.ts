// One sample of the clients, in the journal and over their channel.
import * as z from 'zod';
import { count } from '../../drill/planned.ts';

/** What the workload saw in one sampling interval. */
export const sample = {
  rate_per_s: z.number(),
  acknowledged: count,
  refused: count,
  unknown: count,
  unsent: count,
  in_flight: count,
  p99_ms: z.number().nullable(),
  /** Since the workload began. */
  total_acknowledged: count,
};
