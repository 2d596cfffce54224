// One running server as the engine sees it, reached at an address; nothing here knows what runs it.
import { passesMs } from '../../drill/plan/data.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STORES } from '../../drill/stores.ts';
import type { Clock } from '../../host/clock.ts';
import type { Address } from '../../host/ports.ts';
import { archiverState, setArchiving, switchSegment } from '../../postgres/backup/archiver.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import type { UpdateRule } from '../../postgres/server/shared-rows.ts';
import { inspect } from '../../postgres/verification/inspect.ts';
import { carry } from '../../postgres/replicate/carry.ts';
import { Monitor, probeWrite } from '../../postgres/replicate/monitor.ts';
import { makeMistake, unharmedRows } from '../../postgres/read/mistake.ts';
import { readOrders, ordersByIds } from '../../postgres/read/orders.ts';
import { checkpoint, emptyOrders, type Role } from '../../postgres/server/primary.ts';
import { promote } from '../../postgres/replicate/promote.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { disturbDatabase } from './disturbed-store.ts';
import type { DeadStore, Store, StoreLog } from '../system/store.ts';

export interface OpenDatabase extends Store {
  readonly role: 'orders';
  readonly engine: 'postgres';
  readonly at: Address;
  readonly log: StoreLog;
  /** The same server, as the superuser. */
  readonly address: DatabaseAddress;
  /** Deletes all rows of clients; resolves to how many there were. */
  empty(): Promise<number>;
  /** Ends the runner's own connection to it. */
  close(): Promise<void>;
}

/** `title` is its node. */
type ServerAddress = Address & { readonly title: string };

interface DatabaseOptions {
  readonly server: ServerAddress;
  readonly admin: Role;
  /** Whose connections count as clients. */
  readonly workload: Role;
  readonly plan: Plan;
  readonly region: string;
  readonly clock: Clock;
}

export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const { server, admin, workload, plan, region, clock } = options;
  const address = adminAddress(server, admin);
  // A standby calls itself by the name of its region.
  const peer = plan.regions.find(({ name }) => name !== region)!.name;
  const updates = updateRuleOf(plan);
  const node = server.title;
  const monitor = new Monitor(address);
  return {
    role: 'orders',
    engine: STORES.orders.engine,
    node,
    at: { host: server.host, port: server.port },
    address,
    empty: () => emptyOrders(address),
    replication: () => monitor.standby(peer),
    tryWrite: (timeout_ms) => probeWrite(address, timeout_ms),
    carry: (by, load, atMost_ms) => carry({ ...address, ...by }, load, atMost_ms),
    promote: async (emit, signal) => {
      const onSent = (again: boolean) => emit('promote.sent', { node, again });
      const onWritable = (timeline: number, replay_bytes: number) =>
        emit('database.writable', { node, timeline, replay_bytes });
      return { timeline: await promote(address, { onSent, onWritable }, clock, signal) };
    },
    disturb: disturbDatabase({
      node,
      admin: address,
      workload: adminAddress(server, workload),
      clock,
    }),
    log: {
      position: () => monitor.position(),
      replayedAgo_ms: () => monitor.replayedAgo_ms(),
      replayed: () => monitor.replayed(),
      checkpoint: () => checkpoint(address),
    },
    synchronous: {
      release: () => monitor.setSynchronous(''),
      require: (standby) => monitor.setSynchronous(`"${standby}"`),
    },
    archive: {
      switchSegment: () => switchSegment(address),
      state: () => archiverState(address),
      setWorking: (works) => setArchiving(address, works),
    },
    harm: {
      makeMistake: (statement, share) => makeMistake(address, statement, share, clock),
      unharmedRows: (ids) => unharmedRows(address, ids),
    },
    describe: () => monitor.describe(),
    activeClients: () => monitor.activeBackends(workload.user),
    readRows: (onRow) => readOrders(address, onRow, { updates }),
    inspect: () => inspect(address, passesMs(plan, 2)),
    close: () => monitor.close(),
  };
}

/** The contents of a server that was started only to be read. */
export function contentsOf(
  server: ServerAddress,
  admin: Role,
  updates: UpdateRule | null = null,
): Omit<DeadStore, 'stop'> {
  const address = adminAddress(server, admin);
  return {
    role: 'orders',
    node: server.title,
    readRows: (onRow) => readOrders(address, onRow, { updates }),
    rowsOf: (ids) => ordersByIds(address, ids),
  };
}

/** How the clients of a plan update shared rows; null where they do not. */
export function updateRuleOf({ seed, workload }: Plan): UpdateRule | null {
  const { updates, payload_bytes, shared_rows } = workload;
  return updates === 0 ? null : { seed, payload_bytes, shared_rows };
}

export function adminAddress({ host, port }: Address, admin: Role): DatabaseAddress {
  return { host, port, database: DATABASE, ...admin };
}
