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

/** The way of a team's own clients to its own PostgreSQL. */
export interface OwnWay {
  /**
   * Addresses of servers, in order, with passwords in them: each is tried until one takes writes,
   * as libpq does with `target_session_attrs=read-write`. One alone is believed to lead there.
   */
  readonly urls: readonly string[];
  /** For one server of a list to let a client in. */
  readonly connect_ms: number;
  /** With its schema: `dr_drill.orders_1f2e`. */
  readonly table: string;
  /** In SQL: how a server is asked for the timeline that it writes. */
  readonly timeline: string;
  /** Nodes by the address that each server has of itself: `10.0.1.11:5432`. */
  readonly servers: Readonly<Record<string, string>>;
}

/** `refuses`: it lets nobody in, or does nothing; `silent`: no answer came in time. */
export type ServerState = 'primary' | 'standby' | 'refuses' | 'silent';

/**
 * One look at a server, by a write of drill's own where it is no standby. Times are on the run's
 * clock.
 */
export interface ServerLook {
  /** `east/db1` */
  readonly node: string;
  readonly asked_ms: number;
  readonly answered_ms: number;
  readonly state: ServerState;
  /** On which it took the write, 0 where it does not tell; null: it took none. */
  readonly timeline: number | null;
  readonly detail: string;
}
