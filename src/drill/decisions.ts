// What somebody decides in a disaster: that it is one, and up to where the log is replayed.

/** Who says that a disaster is one, from when on it is recovered from. */
export type Declaration =
  | { readonly by: 'automatic' }
  /** So long after detection. */
  | { readonly by: 'after'; readonly after_ms: number }
  /** Somebody presses Enter. */
  | { readonly by: 'operator' }
  /** A command that exits 0. */
  | { readonly by: 'command'; readonly command: readonly string[] };

/** A point in the past of the database, as PostgreSQL's recovery targets name it. */
export type RecoveryTarget =
  /** Just before the operator's mistake. */
  | { readonly by: 'before-fault' }
  /** So long before it. */
  | { readonly by: 'time'; readonly before_ms: number }
  | { readonly by: 'lsn'; readonly lsn: string }
  /** A restore point of that name. */
  | { readonly by: 'name'; readonly name: string };
