// Starts and stops one Redis server on loopback.
import { join } from 'node:path';
import type { Clock } from '../host/clock.ts';
import { makePrivateDirectory, writePrivateFile } from '../host/files.ts';
import { LOOPBACK } from '../host/ports.ts';
import { liveTree, type ProcessEnvironment } from '../host/process/processes.ts';
import {
  adoptServerProcess,
  startServerProcess,
  type ServerProcess,
} from '../host/process/server-process.ts';
import { replyCode, withConnection, type RedisAddress } from './connection.ts';
import { configurationOf, type RedisSettings } from './settings.ts';

const POLL_MS = 5;
const ASK_LIMITS = { connect_ms: 500, command_ms: 1_000 };
const STOP_MS = 5_000;

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
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface Server extends RedisAddress {
  readonly title: string;
  readonly pid: number;
  /** Resolves to how it ended, in words. */
  readonly ended: Promise<string>;
  /** The server and its children (it forks to copy its memory to a replica). */
  pids(): number[];
  /** Ends it in an orderly way; by force if that takes too long. */
  stop(): Promise<unknown>;
  /** Lets the runner end without it. */
  release(): void;
}

/** Resolves once it takes commands. A port that was taken meanwhile is replaced. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { title, server, environment, logFile, clock, ready_ms, signal, password } = options;
  makePrivateDirectory(options.directory, null);
  const configuration = join(options.directory, 'redis.conf');
  const { process, port } = await startServerProcess({
    what: `Redis on ${title}`,
    expected: `a server that takes commands within ${ready_ms / 1000} s`,
    program: server,
    ...{ environment, owner: null, logFile, clock, ready_ms, poll_ms: POLL_MS, signal },
    portTaken: 'Address already in use',
    prepare: (free) => {
      writePrivateFile(configuration, configurationOf({ ...options, port: free }), null);
      return [configuration];
    },
    look: async (at) => {
      const answer = await ping({ host: LOOPBACK, port: at, password });
      return answer === 'PONG' ? null : answer;
    },
  });
  return serverOf(options, process, port);
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

type ServerPlace = Pick<ServerOptions, 'title' | 'password' | 'clock'>;

/** A server that another runner started; `ended` tells when it is gone, in words. */
export function adoptServer(
  found: ServerPlace & { readonly pid: number; readonly port: number },
  ended: Promise<string>,
): Server {
  return serverOf(found, adoptServerProcess(found.pid, ended, found.clock), found.port);
}

function serverOf({ title, password }: ServerPlace, process: ServerProcess, port: number): Server {
  const { pid, ended } = process;
  return {
    ...{ title, host: LOOPBACK, port, password, pid, ended },
    pids: () => (process.isGone() ? [] : liveTree(pid)),
    stop: () => process.end('SIGTERM', STOP_MS),
    release: () => process.release(),
  };
}
