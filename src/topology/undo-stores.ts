// What was done to the stores of a system that is up, undone by somebody who knows no more than the
// entry: at the address that the system has written down, never at one of the entry's.
import * as z from 'zod';
import type { Effect, UndoKind, UndoSurroundings } from '../evidence/undo.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { LOOPBACK } from '../host/ports.ts';
import { setArchiving } from '../postgres/backup/archiver.ts';
import { mendPage, type PageDamage } from '../postgres/disturb/page.ts';
import { errorCode, type DatabaseAddress } from '../postgres/server/connection.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { adminAddress } from './assembled/database.ts';
import {
  DAMAGED_PAGE,
  DISTURBED_STORE,
  endDisturbance,
  staysOnDisk,
} from './assembled/disturbed-store.ts';
import { readRedisPassword } from './assembled/kept-nodes.ts';
import { keptOf } from './kept-system.ts';
import { runtimes } from './runtimes.ts';

const LATER = 'drill clean again once it does, or drill down';

interface ArchiveCommand extends Effect {
  readonly undo: 'archive-command';
  /** The primary. */
  readonly node: string;
}

/** A system that was not kept goes down with its run, its settings with it. */
const archiveCommand: UndoKind<ArchiveCommand> = {
  undo: 'archive-command',
  goesWithSystem: true,
  facts: z.object({ node: z.string() }),
  describe: ({ node }) => `the archive command of ${node}`,
  perform: async ({ node }, around) =>
    await atDatabase(node, around, async (database) => await setArchiving(database, true)),
};

interface DisturbedStore extends Effect {
  readonly undo: typeof DISTURBED_STORE;
  readonly node: string;
  readonly how: string;
}

const disturbedStore: UndoKind<DisturbedStore> = {
  undo: DISTURBED_STORE,
  goesWithSystem: true,
  facts: z.object({ node: z.string(), how: z.string() }),
  describe: ({ node, how }) => `${how} of ${node}`,
  perform: async ({ node, how }, around) => {
    const stays = (isRedis: boolean) => staysOnDisk(how, isRedis);
    return await atStore(node, around, stays, async (at) => {
      const isKnown = await endDisturbance(how, at);
      return isKnown ? [] : [`this version of drill does not know how to end ${how}`];
    });
  },
};

interface DamagedPage extends Effect, PageDamage {
  readonly undo: typeof DAMAGED_PAGE;
  readonly node: string;
}

const bytes = z.string().regex(/^(?:[0-9a-f]{2})+$/);

const damagedPage: UndoKind<DamagedPage> = {
  undo: DAMAGED_PAGE,
  goesWithSystem: true,
  facts: z.object({
    node: z.string(),
    // A table's file, below the data directory.
    file: z.string().regex(/^base\/\d+\/\d+(?:\.\d+)?$/),
    offset: z.int().nonnegative(),
    before: bytes,
    after: bytes,
    counted: z.int().nonnegative().optional(),
  }),
  describe: ({ node }) => `the damaged page of ${node}`,
  perform: async ({ node, ...damage }, around) =>
    await atDatabase(node, around, async (database) => await mendPage(database, damage)),
};

interface KeptStore {
  readonly database?: DatabaseAddress;
  readonly carts?: RedisAddress;
}

/** What stands on the disk of a PostgreSQL, and so is there still when a dead one runs again. */
async function atDatabase(
  node: string,
  around: UndoSurroundings,
  work: (database: DatabaseAddress) => Promise<unknown>,
): Promise<string[]> {
  const stays = () => true;
  return await atStore(node, around, stays, async ({ database }) => {
    if (database !== undefined) await work(database);
    return [];
  });
}

/** At the store of a system that is up. With a dead one it is over, unless it `stays`. */
async function atStore(
  node: string,
  { system, environment }: UndoSurroundings,
  stays: (isRedis: boolean) => boolean,
  work: (at: KeptStore) => Promise<string[]>,
): Promise<string[]> {
  let dead: string[] = [];
  try {
    const up = keptOf(system);
    if (up === null) return [];
    const { kept, directory } = up;
    const url = kept.nodes.find((each) => each.node === node)?.url;
    if (url === undefined) return [];
    const { hostname: host, port, protocol } = new URL(url);
    const isRedis = protocol === 'redis:';
    if (stays(isRedis)) dead = [`${node} is dead, and has it still when it runs: ${LATER}`];
    const admin = isRedis ? null : await runtimes[kept.runtime].adminOf(kept, node, environment);
    if (!isRedis && admin === null) return dead;
    if (host !== LOOPBACK) return [`${node}: expected a store on ${LOOPBACK}, found ${host}`];
    const at = { host, port: Number(port) };
    if (admin !== null) return await work({ database: adminAddress(at, admin) });
    return await work({ carts: { ...at, password: readRedisPassword(directory) } });
  } catch (error) {
    return errorCode(error) === 'ECONNREFUSED' ? dead : [reasonOf(error)];
  }
}

export const storeUndos: readonly UndoKind[] = [archiveCommand, disturbedStore, damagedPage];
