// The ways in which a store that runs is disturbed, each with its undo, which a later process can
// do as well: it needs the store's address, and the entry says which way it was.
import type { Clock } from '../../host/clock.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import { isPageDamaged, mendPage, openLastPage, readsDamage } from '../../postgres/disturb/page.ts';
import {
  followsNobody,
  isReplayPaused,
  setFollowing,
  setReplaying,
  timelineNow,
} from '../../postgres/disturb/standby.ts';
import {
  cancelSyncWaits,
  lockOrders,
  refusesConnections,
  takeConnections,
  warningOfCommit,
  requestWaits,
  type Held,
} from '../../postgres/disturb/sessions.ts';
import {
  commitsWait,
  setCommitsWait,
  untilCommitsWait,
} from '../../postgres/disturb/synchronous.ts';
import { emptyCarts } from '../../redis/carts.ts';
import type { RedisAddress } from '../../redis/connection.ts';
import * as redis from '../../redis/disturb.ts';
import { undoing } from '../../evidence/undo.ts';
import type { StoreDisturbance, StoreEffect } from '../system/store.ts';

/** The kind of undo of all of them; its entry names the node and the way. */
export const DISTURBED_STORE = 'disturbed-store';

/** The kind of undo of a page; its entry says what stood there. */
export const DAMAGED_PAGE = 'damaged-page';

/** One way to disturb a store. */
interface Way<A> {
  readonly act: (address: A) => Promise<void>;
  readonly end: (address: A) => Promise<void>;
  readonly isOn: (address: A) => Promise<boolean>;
  /** It stands in the configuration: a server that is started again has it still. */
  readonly staysOnDisk: boolean;
  /** A promotion ends it, and that is no end by somebody else: the timeline tells of one. */
  readonly timeline?: (address: A) => Promise<number>;
  /** What of it is gone where it is not on. */
  readonly name: string;
}

const OF_DATABASES = {
  'stop-replication': {
    act: (at) => setFollowing(at, false),
    end: (at) => setFollowing(at, true),
    isOn: followsNobody,
    staysOnDisk: true,
    name: 'the stopped replication',
  },
  'pause-replay': {
    act: (at) => setReplaying(at, false),
    end: (at) => setReplaying(at, true),
    isOn: isReplayPaused,
    timeline: timelineNow,
    staysOnDisk: false,
    name: 'the paused replay',
  },
  release: {
    act: (at) => setCommitsWait(at, false),
    end: (at) => setCommitsWait(at, true),
    isOn: async (at) => !(await commitsWait(at)),
    staysOnDisk: true,
    name: 'the release of commits',
  },
} as const satisfies Readonly<Record<string, Way<DatabaseAddress>>>;

const OF_CARTS = {
  'stop-replication': {
    act: (at) => redis.setFollowing(at, false),
    end: (at) => redis.setFollowing(at, true),
    isOn: redis.followsNobody,
    staysOnDisk: false,
    name: 'the stopped replication',
  },
} as const satisfies Readonly<Record<string, Way<RedisAddress>>>;

/** What lasts as long as connections of this runner do: whoever is killed has ended it. */
const HELD: readonly string[] = ['lock-table', 'exhaust-connections', 'cancel-sync-wait'];

interface DatabaseAccess {
  readonly node: string;
  readonly admin: DatabaseAddress;
  /** As the app. */
  readonly workload: DatabaseAddress;
  readonly clock: Clock;
}

export function disturbDatabase(access: DatabaseAccess): StoreDisturbance {
  const { node, admin, workload, clock } = access;
  const way = (how: keyof typeof OF_DATABASES) => disturbed(node, how, OF_DATABASES[how], admin);
  const told = { writes: 0 };
  return {
    stopReplication: () => way('stop-replication'),
    pauseReplay: () => way('pause-replay'),
    lockTable: (mode) => held(node, 'lock-table', 'the lock', () => lockOrders(admin, mode)),
    requestWaits: (request, wait_ms) => requestWaits(workload, request, wait_ms),
    takeConnections: (leaves) =>
      held(node, 'exhaust-connections', 'what held the connections', () =>
        takeConnections(admin, workload, leaves, clock),
      ),
    refusesConnections: (leaves) => refusesConnections(workload, leaves),
    cancelSyncWaits: () =>
      held(node, 'cancel-sync-wait', 'who cancelled waits', () =>
        cancelSyncWaits(admin, workload.user, clock, (count) => (told.writes += count)),
      ),
    releaseCommits: () => way('release'),
    damagePage: (apply) => damagePage(node, admin, apply),
    readsDamage: async () => {
      const { error, isCorrupt, failures } = await readsDamage(workload, clock);
      const detail = `${error ?? 'every order was read'}; ${failures} checksum failures counted`;
      return { ok: isCorrupt && failures > 0, detail };
    },
    untilCommitsWait: (wait) => untilCommitsWait(admin, wait, clock),
    unprotected: async () => ({ warning: await warningOfCommit(admin), writes: told.writes }),
  };
}

async function damagePage(
  node: string,
  admin: DatabaseAddress,
  apply: (effect: StoreEffect) => Promise<void>,
): Promise<string> {
  const page = await openLastPage(admin);
  const { damage } = page;
  try {
    await apply({
      entry: { undo: DAMAGED_PAGE, node, ...damage },
      staysOnDisk: true,
      act: () => page.act(),
      undo: undoing(
        async () => ((await isPageDamaged(admin, damage)) ? [] : [`the damaged page of ${node}`]),
        () => mendPage(admin, damage),
      ),
    });
  } finally {
    await page.close();
  }
  return `${damage.file} from byte ${damage.offset}`;
}

function held(node: string, how: string, name: string, hold: () => Promise<Held>): StoreEffect {
  let holding: Held | null = null;
  return {
    entry: { undo: DISTURBED_STORE, node, how },
    act: async () => void (holding ??= await hold()),
    staysOnDisk: false,
    undo: undoing(
      async () => (holding === null || holding.isHeld() ? [] : [`${name} of ${node}`]),
      async () => await holding?.end(),
    ),
  };
}

export function disturbCarts(node: string, address: RedisAddress): StoreDisturbance {
  let isMarked = false;
  return {
    stopReplication: () =>
      disturbed(node, 'stop-replication', OF_CARTS['stop-replication'], address),
    flush: async () => {
      await redis.markBeforeFlush(address);
      isMarked = true;
      return await emptyCarts(address);
    },
    // What was never there is not gone.
    isFlushed: async () => isMarked && (await redis.isMarkGone(address)),
  };
}

function disturbed<A>(node: string, how: string, way: Way<A>, address: A): StoreEffect {
  let began: number | undefined;
  const isPromoted = async () => {
    return began !== undefined && (await way.timeline?.(address)) !== began;
  };
  return {
    entry: { undo: DISTURBED_STORE, node, how },
    act: async () => {
      began ??= await way.timeline?.(address);
      await way.act(address);
    },
    staysOnDisk: way.staysOnDisk,
    undo: undoing(
      async () => {
        const isEnded = !(await way.isOn(address)) && !(await isPromoted());
        return isEnded ? [`${way.name} of ${node}`] : [];
      },
      () => way.end(address),
    ),
  };
}

/** Whether what an entry says is there still when the server of that node is started again. */
export function staysOnDisk(how: string, isRedis: boolean): boolean {
  const ways: Readonly<Record<string, Pick<Way<never>, 'staysOnDisk'>>> = isRedis
    ? OF_CARTS
    : OF_DATABASES;
  return Object.hasOwn(ways, how) && ways[how]!.staysOnDisk;
}

/** Ends what an entry says; false: this version of drill knows no such way. */
export async function endDisturbance(
  how: string,
  { database, carts }: { readonly database?: DatabaseAddress; readonly carts?: RedisAddress },
): Promise<boolean> {
  if (HELD.includes(how)) return true;
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
