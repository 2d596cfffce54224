// How long a GSLB takes to see a loss, and its answers to go: of a plan that has one.
import * as z from 'zod';
import { atLeastOne, count, ms, type Frozen } from '../planned.ts';

export const plannedGslb = z.strictObject({
  every_ms: ms,
  timeout_ms: ms,
  failures: atLeastOne,
  /** Whole seconds, as DNS has them. */
  ttl_s: count,
});
export type PlannedGslb = Frozen<z.output<typeof plannedGslb>>;

/** As a plan has it; null: none of drill's leads the clients. */
interface Led {
  readonly gslb: PlannedGslb | null;
}

/** `failures × every + timeout`, the longest that detection can take, in milliseconds. */
export function worstDetectionMs(gslb: Omit<PlannedGslb, 'ttl_s'>): number {
  return gslb.failures * gslb.every_ms + gslb.timeout_ms;
}

/** The same of a plan; nobody checks health where none of drill's GSLBs does. */
export function worstDetectionOf({ gslb }: Led): number {
  return gslb === null ? 0 : worstDetectionMs(gslb);
}

/** The GSLB of a system that drill makes; throws where there is none. */
export function gslbOf({ gslb }: Led): PlannedGslb {
  if (gslb === null) throw new Error('the plan has no GSLB');
  return gslb;
}

/** How long clients keep an answer of the GSLB. */
export function answersKeptMs({ gslb }: Led): number {
  return gslb === null ? 0 : 1_000 * gslb.ttl_s;
}
