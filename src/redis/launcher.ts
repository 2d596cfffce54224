// Starts and stops one Redis server on loopback, also on what a killed one left on its disk.
import type { Clock } from '../host/clock.ts';
import { makePrivateDirectory, writePrivateFile } from '../host/files.ts';
import { LOOPBACK } from '../host/ports.ts';
import { liveTree, type ProcessEnvironment } from '../host/process/processes.ts';
import {
  adoptServerProcess,
  startServerProcess,
  type FoundProcess,
  type ServerProcess,
} from '../host/process/server-process.ts';
import { replyCode, withConnection, type RedisAddress } from './connection.ts';
import { configurationOf, type RedisSettings } from './settings.ts';
import { OperationFailed } from '../host/operation-failed.ts';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const POLL_MS = 5;
const ASK_LIMITS = { connect_ms: 500, command_ms: 1_000 };
const STOP_MS = 5_000;
/** A dead server reads its whole file first. */
const LOAD_AT_MOST_MS = 120_000;

export interface ServerOptions extends Omit<RedisSettings, 'port'> {
  /** Shown in errors, e.g. `west/redis`. */
  readonly title: string;
  /** The server's program. */
  readonly server: string;
  /** Carries the run's mark. */
  readonly environment: ProcessEnvironment;
  readonly logFile: string;
  readonly clock: Clock;
  /** Until it takes commands; it reads its append-only file first. */
  readonly ready_ms: number;
  /** The port that it had before; another one is taken when that one is in use. */
  readonly port?: number | undefined;
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface Server extends ServerProcess, RedisAddress {
  readonly title: string;
  /** The server and its children (it forks to copy its memory to a replica). */
  pids(): number[];
  /** Ends it in an orderly way; by force if that takes too long. */
  stop(): Promise<unknown>;
}

/** Resolves once it takes commands. A port that was taken meanwhile is replaced. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { title, server, ready_ms, password } = options;
  makePrivateDirectory(options.directory, null);
  const configuration = join(options.directory, 'redis.conf');
  const process = await startServerProcess({
    ...options,
    what: `Redis on ${title}`,
    expected: `a server that takes commands within ${ready_ms / 1000} s`,
    program: server,
    owner: null,
    poll_ms: POLL_MS,
    portTaken: 'Address already in use',
    prepare: (free) => {
      writePrivateFile(configuration, configurationOf({ ...options, port: free }), null);
      return [configuration];
    },
    look: async (port) => {
      const answer = await ping({ host: LOOPBACK, port, password });
      return answer === 'PONG' ? null : answer;
    },
  });
  return serverOf(options, process);
}

/** `PONG`, or why not; a server that loads its data says so. */
async function ping(address: RedisAddress): Promise<string> {
  try {
    return await withConnection(address, ASK_LIMITS, (client) => client.ping());
  } catch (error) {
    // A replica that has no data yet is up all the same.
    return replyCode(error) === 'MASTERDOWN' ? 'PONG' : (error as Error).message;
  }
}

type ServerPlace = Pick<ServerOptions, 'title' | 'password'>;

/** A server that another runner started; `ended` tells when it is gone, in words. */
export function adoptServer(found: ServerPlace & FoundProcess, ended: Promise<string>): Server {
  return serverOf(found, adoptServerProcess(found, ended));
}

function serverOf({ title, password }: ServerPlace, process: ServerProcess): Server {
  return {
    ...process,
    title,
    password,
    pids: () => (process.isGone() ? [] : liveTree(process.pid)),
    stop: () => process.end('SIGTERM', STOP_MS),
  };
}

/**
 * Starts the directory of a killed server to be read, in place and following nobody; rejects where
 * its append-only file is missing, since a server would make an empty one. A file whose end is torn
 * is read up to there.
 */
export async function startAlone(
  options: Omit<ServerOptions, 'ready_ms' | 'replicaOf'>,
): Promise<Server> {
  const { directory, title } = options;
  if (!hasAppendOnlyFile(directory)) {
    const expected = `an append-only file in ${directory}`;
    throw new OperationFailed({ what: title, expected, found: 'none' });
  }
  return await startServer({ ...options, replicaOf: null, ready_ms: LOAD_AT_MOST_MS });
}

/** A folder of files since version 7, a single file before. */
function hasAppendOnlyFile(directory: string): boolean {
  const folder = join(directory, 'appendonlydir');
  if (existsSync(folder)) return readdirSync(folder).some((name) => name.endsWith('.manifest'));
  return existsSync(join(directory, 'appendonly.aof'));
}
