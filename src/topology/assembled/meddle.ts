// The ways in which a store that runs is disturbed, each with its undo, which a later process can
// do as well: it needs the store's address, and the entry says which way it was.
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import {
  followsNobody,
  isReplayPaused,
  setFollowing,
  setReplaying,
} from '../../postgres/meddle/standby.ts';
import type { RedisAddress } from '../../redis/connection.ts';
import * as redis from '../../redis/meddle.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { StoreDisturbance } from '../system/store.ts';

/** The kind of undo of all of them; its entry names the node and the way. */
export const DISTURBED_STORE = 'disturbed-store';

/** One way to disturb a store. */
interface Way<A> {
  readonly act: (address: A) => Promise<void>;
  readonly end: (address: A) => Promise<void>;
  readonly isOn: (address: A) => Promise<boolean>;
  /** What of it is gone where it is not on. */
  readonly name: string;
}

const OF_DATABASES = {
  'stop-replication': {
    act: (at) => setFollowing(at, false),
    end: (at) => setFollowing(at, true),
    isOn: followsNobody,
    name: 'the stopped replication',
  },
  'pause-replay': {
    act: (at) => setReplaying(at, false),
    end: (at) => setReplaying(at, true),
    isOn: isReplayPaused,
    name: 'the paused replay',
  },
} as const satisfies Readonly<Record<string, Way<DatabaseAddress>>>;

const OF_CARTS = {
  'stop-replication': {
    act: (at) => redis.setFollowing(at, false),
    end: (at) => redis.setFollowing(at, true),
    isOn: redis.followsNobody,
    name: 'the stopped replication',
  },
} as const satisfies Readonly<Record<string, Way<RedisAddress>>>;

export function disturbDatabase(node: string, address: DatabaseAddress): StoreDisturbance {
  const way = (how: keyof typeof OF_DATABASES) => disturbed(node, how, OF_DATABASES[how], address);
  return {
    stopReplication: () => way('stop-replication'),
    pauseReplay: () => way('pause-replay'),
  };
}

export function disturbCarts(node: string, address: RedisAddress): StoreDisturbance {
  return {
    stopReplication: () =>
      disturbed(node, 'stop-replication', OF_CARTS['stop-replication'], address),
    flush: () => redis.flush(address),
    isFlushed: () => redis.isFlushed(address),
  };
}

function disturbed<A>(node: string, how: string, way: Way<A>, address: A): Undoable {
  let gone: readonly string[] | null = null;
  return {
    entry: { undo: DISTURBED_STORE, node, how },
    act: () => way.act(address),
    undo: async () => {
      gone ??= (await way.isOn(address)) ? [] : [`${way.name} of ${node}`];
      await way.end(address);
      return gone;
    },
  };
}

/** Ends what an entry says; false: this version of drill knows no such way. */
export async function endDisturbance(
  how: string,
  { database, carts }: { readonly database?: DatabaseAddress; readonly carts?: RedisAddress },
): Promise<boolean> {
  if (database !== undefined && how in OF_DATABASES) {
    await OF_DATABASES[how as keyof typeof OF_DATABASES].end(database);
    return true;
  }
  if (carts !== undefined && how in OF_CARTS) {
    await OF_CARTS[how as keyof typeof OF_CARTS].end(carts);
    return true;
  }
  return false;
}
