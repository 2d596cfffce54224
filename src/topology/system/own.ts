// A system of somebody's own, as the engine, the fault `command` and its recoveries see it: who
// takes writes on each of its servers, all the time, and nothing that could change that.
import type { CheckResult } from '../../evidence/event.ts';
import type { OrderId } from '../../evidence/restore.ts';
import type { ServerLook } from '../../postgres/own/server.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import type { Address } from '../../host/ports.ts';
import type { DeadStore } from './store.ts';

export interface OwnSystem {
  /** The newest look at each server, in the order of the drill file. */
  picture(): readonly ServerLook[];
  /** Resolves to what `find` finds in some picture; it asks the one of now first. */
  until<T>(find: (picture: readonly ServerLook[]) => T | null, signal: AbortSignal): Promise<T>;
  /** Where a server of that name, or `host:port` beside them, can be connected to. */
  placeOf(where: string): Address & { readonly database: DatabaseAddress | null };
  /**
   * Where the way of the clients leads to now, by a connection of drill's own: a server that takes
   * writes; null: to none, or nobody can tell.
   */
  leadsTo(signal: AbortSignal): Promise<{ readonly node: string | null; readonly detail: string }>;
  /** Whether what is written on the primary of now comes to each other server of these regions. */
  follow(regions: readonly string[]): Promise<readonly CheckResult[]>;
  /**
   * Which servers that live have the row, by a read of each; what cannot be read is left out. Null:
   * no server can be asked by itself.
   */
  haveRow(row: OrderId): Promise<readonly string[] | null>;
  /** What is in each server that takes writes now. */
  takingWrites(): readonly DeadStore[];
  /** Where its commands are run. */
  readonly folder: string;
  /** Commands may be run, each until it ends with 0. */
  run(command: readonly string[], atMost_ms: number, signal?: AbortSignal): Promise<void>;
}
