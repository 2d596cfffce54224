// What was acknowledged while no synchronous standby had to have it, in the measurement and in
// `result.json` alike. Counted by the clients' ledger.

export interface Unprotected {
  /** The region of the standby. */
  readonly standby: string;
  /** How many there were, and between which numbers the truth lies. */
  readonly writes: number;
  readonly writes_low: number;
  readonly writes_high: number;
  /**
   * From the first of their acknowledgements until the standby had said to have them all, at most;
   * null: it was not seen to.
   */
  readonly ms: number | null;
  /** At the least. */
  readonly ms_low: number;
}
