// One running Redis server as the engine sees it, reached at an address; nothing here knows what
// runs it.
import { CART_CONNECTION_PREFIX, type CartSettings } from '../../app/protocol.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STORES } from '../../drill/stores.ts';
import { until, type Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { emptyCarts, readCarts } from '../../redis/carts.ts';
import type { RedisAddress } from '../../redis/connection.ts';
import { inspect } from '../../redis/inspect.ts';
import { Monitor, probeWrite } from '../../redis/monitor.ts';
import { promote } from '../../redis/promote.ts';
import { disturbCarts } from './disturbed-store.ts';
import type { DeadStore, Store } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';

const FOLLOWING_AT_MOST_MS = 15_000;
const POLL_MS = 5;

export interface OpenCarts extends Store {
  readonly role: 'carts';
  readonly engine: 'redis';
  readonly at: RedisAddress;
  /** Deletes all items of clients; resolves to how many there were. */
  empty(): Promise<number>;
  /** Ends the runner's own connection to it. */
  close(): Promise<void>;
}

/** `title` is its node. */
export type CartsAddress = RedisAddress & { readonly title: string };

/**
 * The app's settings for the Redis of its region. The region that takes over has no replica to wait
 * for: there, as with the synchronous standby of PostgreSQL, nothing waits.
 */
export function cartSettings(
  { redis, replication }: Pick<Plan, 'redis' | 'replication'>,
  region: string,
  { host, port, password }: RedisAddress,
): CartSettings {
  const { wait = 0, wait_timeout_ms = 0 } = redis ?? {};
  const isFollowed = region === replication.from;
  return { host, port, password, wait: isFollowed ? wait : 0, wait_timeout_ms };
}

export function openCarts(server: CartsAddress, clock: Clock): OpenCarts {
  const { title: node, host, port, password } = server;
  const address = { host, port, password };
  const monitor = new Monitor(address);
  return {
    role: 'carts',
    engine: STORES.carts.engine,
    node,
    at: address,
    empty: () => emptyCarts(address),
    replication: async () => {
      const replica = await monitor.replica();
      return replica === null ? null : { ...replica, sync_state: 'async' };
    },
    tryWrite: (timeout_ms) => probeWrite(address, timeout_ms),
    promote: async (emit, signal) => {
      const onSent = () => emit('promote.sent', { node, again: false });
      const onWritable = () => emit('database.writable', { node, timeline: 0 });
      await promote(address, { onSent, onWritable }, clock, signal);
      return { timeline: 0 };
    },
    disturb: disturbCarts(node, address),
    describe: () => monitor.describe(),
    activeClients: () => monitor.busyClients(CART_CONNECTION_PREFIX),
    readRows: (onRow) => readCarts(address, onRow),
    inspect: () => inspect(address),
    close: () => monitor.close(),
  };
}

/** Resolves when the primary sees its replica follow; rejects with the state that it saw last. */
export async function untilFollowing(
  primary: Store,
  { clock, signal, place }: Pick<UpContext, 'clock' | 'signal' | 'place'>,
): Promise<void> {
  const deadline_ms = clock.now() + FOLLOWING_AT_MOST_MS;
  let seen = '';
  const isFollowing = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
    seen = (await primary.replication())?.state ?? 'none connected';
    return seen === 'online' ? true : null;
  });
  if (isFollowing !== null) return;
  throw new EnvironmentError({
    what: `the replica of ${primary.node}`,
    expected: `it to follow within ${FOLLOWING_AT_MOST_MS / 1000} s`,
    found: seen,
    hint: `read the logs of both in ${place.logs}`,
  });
}

/** The contents of a server that was started only to be read. */
export function cartsIn(server: CartsAddress): Omit<DeadStore, 'stop'> {
  const { title: node, host, port, password } = server;
  const address = { host, port, password };
  return { role: 'carts', node, readRows: (onRow) => readCarts(address, onRow), rowsOf: null };
}
