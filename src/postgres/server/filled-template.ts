// A template that has rows of its own, one for each size: a copy of the plain one, filled by a
// server of its own and kept in the cache, so that the next run copies files instead of filling.
import { existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../host/clock.ts';
import { syncTree } from '../../host/durable.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import {
  copyTree,
  freeBytes,
  makePrivateDirectory,
  removeTree,
  writePrivateFile,
} from '../../host/files.ts';
import { makeMarkedDirectory } from '../../host/tree/marked-directory.ts';
import { takeLock } from '../../host/lock.ts';
import { RUN_MARK } from '../../host/process/processes.ts';
import { sealTree, treeDamage } from '../../host/tree/whole-tree.ts';
import { claimWorkshop, putInPlace } from './cache.ts';
import { fillDatabase, type FillProgress } from './fill.ts';
import { ownerOf } from './identity.ts';
import { startServer, type Server } from './launcher.ts';
import { serverSettings, writeConfiguration, type Settings } from './settings.ts';
import { ADMIN, DATABASE, placeOf, readTemplate, type Template } from './template.ts';
import type { TemplateOptions } from './template.ts';

/** Goes up when rows are made differently. */
const FORM = 2;
const READY_MS = 30_000;
const LOOK_EVERY_MS = 250;
const CONNECTIONS = 10;

/** Nothing of it outlives a crash, so nothing has to be on the disk, or logged, before the end. */
const FILL_SETTINGS = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_wal_size: '4GB',
} as const;

export interface FilledOptions extends Omit<TemplateOptions, 'onFirstRun'> {
  /** The plain one, which it begins as. */
  readonly template: Template;
  readonly bytes: number;
  /** The most that copying it may take. */
  readonly copy_ms: number;
  readonly clock: Clock;
  /** In the run's scratch directory, whose undo frees and removes what is in it; not there yet. */
  readonly workplace: string;
  readonly logFile: string;
  readonly onProgress: (progress: FillProgress) => void;
  /** Told before anything of it is in the cache. */
  readonly onMaking: (directory: string, damage: string | null) => Promise<void>;
  /** Told once where another run fills the same one, which is waited for. */
  readonly onWaiting: () => void;
}

export interface Filled {
  readonly template: Template;
  readonly from: 'fill' | 'cache';
  /** Milliseconds of making it; 0 where it was there. */
  readonly ms: number;
}

/**
 * The template of that size, made if there is none. Of two runs that want the same one, one fills
 * and the other waits.
 */
export async function ensureFilled(options: FilledOptions): Promise<Filled> {
  const kept = filledPlace(options);
  const began = options.clock.now();
  const known = () => treeDamage(kept, [options.identity.uid]) === null;
  const there = { template: readTemplateAt(kept), from: 'cache', ms: 0 } as const;
  if (existsSync(kept) && known()) return there;
  const release = await lockOf(kept, options);
  try {
    const damage = existsSync(kept) ? treeDamage(kept, [options.identity.uid]) : null;
    if (existsSync(kept) && damage === null) return there;
    await makeFilled(kept, damage, options);
  } finally {
    release();
  }
  return { template: readTemplateAt(kept), from: 'fill', ms: options.clock.now() - began };
}

/** Where the template of that size is, or will be. */
export function filledPlace({
  cache,
  binaries,
  identity,
  bytes,
}: Pick<FilledOptions, 'cache' | 'binaries' | 'identity' | 'bytes'>): string {
  return `${placeOf(cache, binaries, identity)}-data-${FORM}-${bytes}`;
}

function readTemplateAt(kept: string): Template {
  // Read when it is copied: it may be made meanwhile.
  return {
    data: join(kept, 'data'),
    get password() {
      return readTemplate(kept).password;
    },
  };
}

async function lockOf(kept: string, { clock, signal, bytes, onWaiting }: FilledOptions) {
  for (let isTold = false; ; isTold = true) {
    const locked = takeLock(`${kept}.lock`, `filling a template of ${bytes} bytes`);
    if ('release' in locked) return locked.release;
    if (!isTold) onWaiting();
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function makeFilled(kept: string, damage: string | null, options: FilledOptions) {
  const { identity, environment, template } = options;
  const half = claimWorkshop(kept);
  await options.onMaking(half, damage);
  try {
    // What is damaged goes first: there need not be room for two.
    removeTree(kept);
    requireRoom(options);
    const data = await fillCopy(options);
    makeMarkedDirectory(half, environment[RUN_MARK] ?? '', 0o755);
    await moveTree(data, join(half, 'data'), options);
    writePrivateFile(join(half, 'password'), template.password, null);
    await syncTree(half);
    await sealTree(half);
    putInPlace(half, kept, () => treeDamage(kept, [identity.uid]) === null);
  } finally {
    removeTree(half);
    removeTree(options.workplace);
  }
}

/** At once within one file system. */
async function moveTree(from: string, to: string, options: FilledOptions): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyTree(from, to, options.environment, options.copy_ms);
  }
}

/** A copy of the plain template, filled; its server has ended in an orderly way. */
async function fillCopy(options: FilledOptions): Promise<string> {
  const { template, identity, environment, clock, signal, workplace, bytes } = options;
  const { onProgress } = options;
  makePrivateDirectory(workplace, ownerOf(identity));
  const data = join(workplace, 'data');
  await copyTree(template.data, data, environment);
  await served(options, data, FILL_SETTINGS, async ({ host, port }) => {
    const address = { host, port, database: DATABASE, user: ADMIN, password: template.password };
    await fillDatabase({ address, bytes, clock, signal, onProgress });
  });
  // No standby goes on from a log of the minimal level: its last record is one of the usual level.
  await served(options, data, {}, async () => {});
  return data;
}

/** Starts a server on it for so long as the work takes; it ends in an orderly way. */
async function served(
  { identity, environment, clock, signal, binaries: { bin }, logFile }: FilledOptions,
  data: string,
  changes: Settings,
  work: (server: Server) => Promise<void>,
): Promise<void> {
  const settings = { ...serverSettings(CONNECTIONS), ...changes };
  writeConfiguration(data, settings, [{ database: DATABASE, user: ADMIN }], ownerOf(identity));
  const server = { title: 'the filled template', bin, data, identity, environment, logFile };
  const running = await startServer({ ...server, clock, ready_ms: READY_MS, signal });
  let hasEnded = false;
  try {
    await work(running);
    hasEnded = await running.stop();
  } finally {
    if (!hasEnded) await running.abandon();
  }
  if (hasEnded) return;
  throw new EnvironmentError({
    what: 'the filled template',
    expected: 'its server to end in an orderly way',
    found: 'that it had to be killed',
    hint: `read its log: ${logFile}`,
  });
}

/** In both places, which may be one: the rows are made in the one and moved to the other. */
function requireRoom({ cache, bytes, workplace }: FilledOptions): void {
  for (const path of [cache, dirname(workplace)]) {
    const free = freeBytes(path);
    if (free >= bytes) continue;
    throw new EnvironmentError({
      what: 'disk space for the filled template',
      expected: `${Math.ceil(bytes / 1e6)} MB free in ${path}`,
      found: `${Math.floor(free / 1e6)} MB`,
      hint: 'free some space, or name other directories: TMPDIR=… DRILL_CACHE=… drill …',
    });
  }
}
