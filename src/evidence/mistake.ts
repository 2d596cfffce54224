// What is known of an operator’s mistake: which orders it hit, and the points just before it.
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
