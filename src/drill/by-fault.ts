// What clients met while some faults lasted, in the measurement and in `result.json` alike. Of a
// drill without a disaster: every operation since the first fault stands in one of these.

export interface ByFault {
  /**
   * The faults that lasted when it was due, each by its index in the plan, and of one that is
   * repeated the first; empty: none lasted.
   */
  readonly faults: readonly number[];
  /** How long they lasted together, in all. */
  readonly ms: number;
  /** Operations that were due. */
  readonly due: number;
  /** Acknowledged within `recovery.served_within_ms`. */
  readonly served: number;
  /** Acknowledged later. */
  readonly slow: number;
  /** Answered with an error: it was not done. */
  readonly refused: number;
  /** Not answered: whether it was done is not known. */
  readonly unknown: number;
  /** There was no free slot to send it. */
  readonly unsent: number;
  /** One that was not acknowledged counts with the timeout. */
  readonly p99_ms: number | null;
}
