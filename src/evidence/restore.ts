// An operator's mistake: which orders it hit, and the points just before it. And a restore from
// base backups and log: up to where, and how it went.
export interface OrderId {
  readonly writer: number;
  readonly sequence: number;
}

export interface HarmedOrder extends OrderId {
  /** When it was written, by the server's clock, in ISO form. */
  readonly created: string;
}

export interface Mistake {
  readonly statement: 'delete' | 'update';
  /** The rows that it hit. */
  readonly orders: readonly HarmedOrder[];
  /** A restore point written just before, where it ends, and a time just before it. */
  readonly name: string;
  readonly lsn: string;
  readonly named_at: string;
  /** The transaction, and when it committed by the server's clock, in ISO form. */
  readonly xid: string;
  readonly at: string;
  /** Just before the commit was sent, on the run's clock. */
  readonly at_ms: number;
}

export type RestoreTarget =
  /** All the log that there is. */
  | { readonly by: 'all' }
  /** Not inclusive: just before it, as an operator's mistake is undone. */
  | { readonly by: 'time'; readonly time: string; readonly inclusive: boolean }
  | { readonly by: 'lsn'; readonly lsn: string; readonly inclusive: boolean }
  /**
   * Just before that transaction committed: what committed until then is there, in whatever order
   * the transactions began. `lsn` is a position before it, to choose a backup by.
   */
  | { readonly by: 'transaction'; readonly xid: string; readonly lsn: string }
  /** A restore point. */
  | { readonly by: 'name'; readonly name: string };

export interface RestoredFacts {
  /** The base backup that was used. */
  readonly backup: string;
  readonly copy_ms: number;
  /** Milliseconds of checking the backup against its manifest, partly while it is copied. */
  readonly verify_ms: number;
  /** Milliseconds from the server's start to the first write that it took. */
  readonly replay_ms: number;
  /** The new timeline, and where it left the old one. */
  readonly timeline: number;
  readonly replayed_to: string;
  /** How far the log goes in the repository. */
  readonly log_end: string;
  /** Problems that were found and got round: damaged backups, a gap in the log. */
  readonly problems: readonly string[];
}
