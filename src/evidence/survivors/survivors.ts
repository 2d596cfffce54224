// `survivors.bin`: what the verification read from a database, one fixed-size record per row.

/**
 * Which database was read, and when. The peer is the second database that serves, where two do; the
 * numbers in the file are the places in this list.
 */
export const READINGS = [
  'serving',
  'old-primary',
  'after-return',
  'peer',
  'peer-after-return',
  'after-failback',
] as const;
export type Reading = (typeof READINGS)[number];

/**
 * One row as it was read. `digest_*` is `digestOf` of the payload bytes as they stand in the
 * database.
 */
export interface SurvivorRow {
  readonly writer: number;
  readonly sequence: number;
  readonly digest_high: number;
  readonly digest_low: number;
  readonly payload_bytes: number;
}

/** The rows of one reading, in columns; an id that is present twice has two rows. */
export interface SurvivorRows {
  readonly count: number;
  readonly writer: Uint16Array;
  readonly sequence: Uint32Array;
  readonly digest_high: Uint32Array;
  readonly digest_low: Uint32Array;
  readonly payload_bytes: Uint32Array;
}

/** Appends rows of readings to the file. A reading counts only when it was ended. */
export interface SurvivorsWriter {
  begin(reading: Reading): void;
  row(row: SurvivorRow): void;
  end(): void;
  /** The database could not be read to its end: the reading counts for nothing; no damage. */
  abandon(): void;
  close(): void;
}

export interface SurvivorsContents {
  /** Complete readings only. */
  readonly readings: ReadonlyMap<Reading, SurvivorRows>;
  readonly problems: readonly string[];
}
