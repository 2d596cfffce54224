// A server of a system that somebody else runs, as it is connected to and looked at.
import type { DatabaseAddress } from '../server/connection.ts';

/** For a question to it, which changes nothing. */
export const ASKING = { connect_ms: 5_000, statement_ms: 5_000 } as const;
/** To make or to drop what is drill's there. */
export const CHANGING = { connect_ms: 5_000, statement_ms: 15_000 } as const;

export interface OwnServer {
  /** `east/db1` */
  readonly node: string;
  readonly region: string;
  readonly address: DatabaseAddress;
}

/** What looks at a server have taken of it, as far as it answered. */
export interface Spent {
  readonly statements: number;
  /** By the server's own clock; the commit of a write comes after it. */
  readonly spent_ms: number;
  /** Until the answers were here: it was no longer at them than that. */
  readonly waited_ms: number;
}
