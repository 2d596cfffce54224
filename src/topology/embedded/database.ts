// One running server as the engine sees it, and a dead one's directory opened to be read.
import type { Emit } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { DatabaseAddress } from '../../postgres/connection.ts';
import { startFenced, type DeadServerOptions } from '../../postgres/dead.ts';
import { inspect } from '../../postgres/inspect.ts';
import type { Server } from '../../postgres/launcher.ts';
import { Monitor, probeWrite } from '../../postgres/monitor.ts';
import { readOrders } from '../../postgres/orders.ts';
import type { Role } from '../../postgres/primary.ts';
import { promote } from '../../postgres/promote.ts';
import { DATABASE } from '../../postgres/template.ts';
import type { Database, DeadDatabase } from '../system.ts';

export interface OpenDatabase extends Database {
  /** Ends the runner's own connection to it. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly server: Server;
  readonly admin: Role;
  /** Whose connections count as clients. */
  readonly workloadUser: string;
  /** How its standby calls itself: the other region. */
  readonly peer: string;
  readonly clock: Clock;
}

export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const { server, admin, workloadUser, peer, clock } = options;
  const address = adminAddress(server, admin);
  const node = server.title;
  const monitor = new Monitor(address);
  return {
    node,
    replication: () => monitor.standby(peer),
    position: () => monitor.position(),
    tryWrite: (timeout_ms) => probeWrite(address, timeout_ms),
    promote: async (emit: Emit, signal) => {
      const sent = (again: boolean) => emit('promote.sent', { node, again });
      const writable = (timeline: number) => emit('database.writable', { node, timeline });
      const on = { onSent: sent, onWritable: writable };
      return { timeline: await promote(address, on, clock, signal) };
    },
    releaseSynchronousCommit: () => monitor.releaseSynchronousCommit(),
    activeClientBackends: () => monitor.activeBackends(workloadUser),
    readOrders: (onRow) => readOrders(address, onRow),
    inspect: () => inspect(address),
    close: () => monitor.close(),
  };
}

/** Starts a dead server's directory alone; it can be opened again after `stop`. */
export async function openDead(options: DeadServerOptions, admin: Role): Promise<DeadDatabase> {
  const server = await startFenced(options);
  const address = adminAddress(server, admin);
  return {
    database: { node: server.title, readOrders: (onRow) => readOrders(address, onRow) },
    stop: () => server.stop(),
  };
}

export function adminAddress(
  server: { readonly host: string; readonly port: number },
  admin: Role,
): DatabaseAddress {
  return { host: server.host, port: server.port, database: DATABASE, ...admin };
}
