// Starts and stops one PostgreSQL server.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../host/clock.ts';
import { liveTree, postgresBelow, type ProcessEnvironment } from '../../host/process/processes.ts';
import {
  adoptServerProcess,
  startServerProcess,
  type FoundProcess,
  type ServerProcess,
} from '../../host/process/server-process.ts';
import { ownerOf, type Identity } from './identity.ts';

const POLL_MS = 3;
const FAST_STOP_MS = 8_000;
const ABANDON_MS = 3_000;

export interface ServerOptions {
  /** Shown in errors, e.g. `west/postgres`. */
  readonly title: string;
  readonly bin: string;
  readonly data: string;
  readonly identity: Identity;
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
  const { title, bin, data, identity, ready_ms } = options;
  const process = await startServerProcess({
    ...options,
    what: `PostgreSQL on ${title}`,
    expected: `a server that takes connections within ${ready_ms / 1000} s`,
    program: join(bin, 'postgres'),
    owner: ownerOf(identity),
    poll_ms: POLL_MS,
    portTaken: 'could not bind',
    prepare: (free) => ['-D', data, '-p', String(free)],
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
