// Starts and stops one PostgreSQL server, also on the data directory of a killed one: alone and
// fenced to be read, or only so that its shared memory goes (Node cannot remove System V segments,
// and a killed server leaves one until a server on the same directory cleans up).
import { readFileSync, existsSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../host/clock.ts';
import {
  liveTree,
  postgresBelow,
  type ProcessEnvironment,
  killTrees,
  untilGone,
} from '../../host/process/processes.ts';
import {
  adoptServerProcess,
  requirePort,
  startServerProcess,
  type FoundProcess,
  type ServerProcess,
} from '../../host/process/server-process.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { ownerOf, type Identity } from './identity.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import { join } from 'node:path';
import { mayHaveSegment } from '../../host/machine/shared-memory.ts';
import { ownUid } from '../../host/users.ts';
import { removeSegment, segmentIn } from './segment.ts';
import { serverSettings, setStandby, writeConfiguration, type Settings } from './settings.ts';
import { ADMIN, DATABASE } from './template.ts';

const POLL_MS = 3;
const FAST_STOP_MS = 8_000;
const ABANDON_MS = 3_000;

export interface ServerOptions {
  /** Shown in errors, e.g. `west/postgres`. */
  readonly title: string;
  readonly bin: string;
  readonly data: string;
  readonly identity: Identity;
  /** Words before the program, which run it as whoever owns the data. Absent: none are needed. */
  readonly through?: readonly string[] | undefined;
  /** Carries the run's mark; PostgreSQL's own variables must not be in it. */
  readonly environment: ProcessEnvironment;
  readonly logFile: string;
  readonly clock: Clock;
  /** Until it takes connections; a crashed server replays its log first. */
  readonly ready_ms: number;
  /** The port that it had before; another one is taken when that one is in use. */
  readonly port?: number | undefined;
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface Server extends ServerProcess {
  readonly title: string;
  readonly data: string;
  /** The server and all its processes, those that outlive the first of them included. */
  pids(): number[];
  /** Processes that still run on the data directory although the server's first process is gone. */
  orphans(): number[];
  /**
   * Disconnects clients, writes everything down, sends it to its standby, releases the shared
   * memory; by force if that takes too long. True only if it ended so, at this request.
   */
  stop(): Promise<boolean>;
  /**
   * Releases the shared memory and ends without writing anything down, for a directory that goes
   * anyway.
   */
  abandon(): Promise<unknown>;
}

/**
 * Resolves once it takes connections (read-only ones, for a standby). A port that was taken
 * meanwhile is replaced.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { title, bin, data, identity, ready_ms, through = [] } = options;
  const [program, ...args] = [...through, join(bin, 'postgres')];
  const process = await startServerProcess({
    ...options,
    what: `PostgreSQL on ${title}`,
    expected: `a server that takes connections within ${ready_ms / 1000} s`,
    program,
    owner: through.length === 0 ? ownerOf(identity) : null,
    poll_ms: POLL_MS,
    portTaken: 'could not bind',
    prepare: (free) => [...args, '-D', data, '-p', String(free)],
    look: async (_port, pid) => (isReady(data, pid) ? null : ''),
  });
  return serverOf(options, process);
}

/** `postmaster.pid`: the server's pid on line 1, its state on line 8 (PostgreSQL's `pidfile.h`). */
function isReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'latin1').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

type ServerPlace = Pick<ServerOptions, 'title' | 'data'>;

/** A server that another runner started; `ended` tells when it is gone, in words. */
export function adoptServer(found: ServerPlace & FoundProcess, ended: Promise<string>): Server {
  return serverOf(found, adoptServerProcess(found, ended));
}

function serverOf({ title, data }: ServerPlace, process: ServerProcess): Server {
  const orphans = () => (process.isGone() ? postgresBelow(data) : []);
  return {
    ...process,
    title,
    data,
    orphans,
    pids: () => (process.isGone() ? orphans() : liveTree(process.pid)),
    stop: () => process.end('SIGINT', FAST_STOP_MS),
    abandon: () => process.end('SIGQUIT', ABANDON_MS),
  };
}

/** It replays what it had not yet written to its tables. */
const RECOVERY_AT_MOST_MS = 120_000;
const SCRUB_AT_MOST_MS = 30_000;
const GONE_MS = 5_000;

/**
 * Alone: nothing leaves it, nobody but the runner gets in, and a write is refused unless it is
 * forced. It need not wait for the disk: what it replays stands in the log, which is there already.
 */
const FENCED_SETTINGS: Settings = {
  fsync: 'off',
  archive_mode: 'off',
  restore_command: '',
  primary_conninfo: '',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  synchronous_standby_names: '',
  default_transaction_read_only: 'on',
  autovacuum: 'off',
};

/** `bin` is asked for where a server has to be started. */
export type ScrubOptions = Omit<DeadServerOptions, 'bin'> & { readonly bin: () => Promise<string> };

export type DeadServerOptions = Omit<ServerOptions, 'identity' | 'ready_ms' | 'port'>;

/**
 * Starts it in place on a port of its own, as the ordinary server that it was. Rejects if it still
 * runs.
 */
export async function startFenced(options: DeadServerOptions): Promise<Server> {
  return await startAlone(options, RECOVERY_AT_MOST_MS);
}

/**
 * Frees what a killed server left in shared memory. A server that still runs there is killed first.
 * Nothing happens where the last one stopped by itself, or where none ever ran. Resolves to what is
 * left, in words; as long as something is, `postmaster.pid` stays there to say so the next time.
 */
export async function scrub({ bin, ...options }: ScrubOptions): Promise<string[]> {
  const { data, clock } = options;
  const alive = await untilGone(killTrees(postgresBelow(data)), clock, GONE_MS);
  if (alive.length > 0) return [`processes ${alive.join(', ')} in ${data}`];
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return [];
  const segment = segmentIn(readFileSync(pidFile));
  const isGone = () => segment !== null && !mayHaveSegment(segment.id);
  if (isGone()) return []; // such as after a restart of the machine
  try {
    await startOnce({ ...options, bin: await bin() });
    return [];
  } catch (error) {
    // No server starts on a full disk, which it is maybe this directory that fills.
    if (isGone() || (segment !== null && (await removeSegment(segment, identityOf(data)))))
      return [];
    const advice =
      segment === null
        ? `to go on without: rm ${pidFile}; drill clean`
        : `to remove it: ipcrm -m ${segment.id}; rm ${pidFile}; drill clean`;
    return [`shared memory of ${data} (${reasonOf(error)}); ${advice}`];
  }
}

async function startOnce(options: DeadServerOptions): Promise<void> {
  const { bin, data, title, environment } = options;
  if (existsSync(join(data, 'global', 'pg_control'))) {
    const server = await startAlone(options, SCRUB_AT_MOST_MS);
    await server.stop();
    return;
  }
  // No server starts on what initdb had only begun; this is how initdb itself tries its settings.
  await withoutPidFile(data, async () => {
    const { problem, all } = await runToEnd(join(bin, 'postgres'), ['--check', '-D', data], {
      atMost_ms: SCRUB_AT_MOST_MS,
      environment,
      owner: ownerOf(identityOf(data)),
    });
    if (problem === null) return;
    throw new OperationFailed({ what: title, expected: 'it to be checked', found: all || problem });
  });
}

export type DeadAtPort = Omit<ServerOptions, 'identity' | 'port'> & { readonly port: number };

/** Starts a server that is dead as it was, and where everybody knows it. */
export async function startWhereItWas(options: DeadAtPort): Promise<Server> {
  const { data, port } = options;
  requireDead(options);
  const again = { ...options, identity: identityOf(data) };
  return await requirePort(await withoutPidFile(data, () => startServer(again)), port);
}

function requireDead({ title, data }: ServerPlace): void {
  const alive = postgresBelow(data);
  if (alive.length === 0) return;
  const found = `it still runs (${alive.join(', ')})`;
  throw new OperationFailed({ what: title, expected: 'a dead server', found });
}

async function startAlone(options: DeadServerOptions, ready_ms: number) {
  const { data } = options;
  requireDead(options);
  const identity = identityOf(data);
  const owner = identity.isOther ? identity : null;
  const settings = { ...serverSettings(20), ...FENCED_SETTINGS };
  writeConfiguration(data, settings, [{ database: DATABASE, user: ADMIN }], owner);
  setStandby(data, false, owner);
  return await withoutPidFile(data, async () => {
    return await startServer({ ...options, identity, ready_ms });
  });
}

/**
 * The pid in `postmaster.pid` may be another program's by now, and PostgreSQL would refuse to
 * start. The old segment is found by the directory's inode, not by this file. Where no server came
 * to take the segment, the file is there again: it alone says that there is one.
 */
async function withoutPidFile<T>(data: string, start: () => Promise<T>): Promise<T> {
  const pidFile = join(data, 'postmaster.pid');
  const found = existsSync(pidFile) ? readFileSync(pidFile) : null;
  rmSync(pidFile, { force: true });
  try {
    return await start();
  } catch (error) {
    if (found !== null && !existsSync(pidFile)) writeFileSync(pidFile, found, { flag: 'wx' });
    throw error;
  }
}

/** The owner of the directory, as whom the server must run. */
function identityOf(data: string): Identity {
  const { uid, gid } = lstatSync(data);
  return { name: String(uid), uid, gid, isOther: uid !== ownUid() };
}
