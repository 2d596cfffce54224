// One of two servers that replicate to each other, and what they replicate.
import type { DatabaseAddress } from '../server/connection.ts';

export const REPLICATED_TABLES = ['orders', 'stock'] as const;

export interface LogicalSide {
  readonly region: string;
  /** The server as the runner reaches it, as the superuser. */
  readonly address: DatabaseAddress;
  /** The address at which the other server reaches it: a proxy of the link between the regions. */
  readonly through: { readonly host: string; readonly port: number };
  /** A file on its own machine with the password of the other server's replication role. */
  readonly passfile: string;
  /**
   * Which row numbers are its own: odd ones or even ones. Two servers that both draw numbers must
   * never draw the same.
   */
  readonly numbers: 1 | 2;
}

/** The name of the subscription and of the slot that a region gets its peer's rows through. */
export function replicationName(region: string): string {
  return `drill_${region.replaceAll('-', '_')}`;
}
