// Starts and stops one Redis server on loopback. It outlives the runner on purpose (a kept system;
// `drill clean` after a crash), so it is no program of ours with a channel.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../host/clock.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { makePrivateDirectory, tailOf, writePrivateFile } from '../host/files.ts';
import { within } from '../host/limits.ts';
import { freePort, LOOPBACK } from '../host/ports.ts';
import {
  killTrees,
  liveTree,
  processStarted,
  sendSignal,
  untilGone,
  type ProcessEnvironment,
} from '../host/processes.ts';
import { replyCode, withConnection, type RedisAddress } from './connection.ts';
import { configurationOf, type RedisSettings } from './settings.ts';

const PORT_ATTEMPTS = 5;
const POLL_MS = 5;
const ASK_LIMITS = { connect_ms: 500, command_ms: 1_000 };
const STOP_MS = 5_000;
const GONE_MS = 2_000;
const SHOWN_LINES = 10;

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
  stop(): Promise<void>;
  /** Lets the runner end without it. */
  release(): void;
}

/** Resolves once it takes commands. A port that was taken meanwhile is replaced. */
export async function startServer(options: ServerOptions): Promise<Server> {
  makePrivateDirectory(options.directory, null);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    options.signal?.throwIfAborted();
    const child = launch(options, port);
    const outcome = await untilReady(options, child, port);
    if (outcome === 'ready') return serverOf(options, child, port);
    if (!isPortTaken(options.logFile) || attempt === PORT_ATTEMPTS) {
      throw new EnvironmentError({
        what: `Redis on ${options.title}`,
        expected: `a server that takes commands within ${options.ready_ms / 1000} s`,
        found: outcome,
        hint: `read its log: ${options.logFile}`,
        log: tailOf(options.logFile, SHOWN_LINES),
      });
    }
  }
}

interface Launched {
  readonly pid: number | undefined;
  unref(): void;
  readonly ended: Promise<string>;
  /** Null while it runs. */
  readonly outcome: () => string | null;
}

function launch(options: ServerOptions, port: number): Launched {
  const configuration = join(options.directory, 'redis.conf');
  writePrivateFile(configuration, configurationOf({ ...options, port }), null);
  const log = openSync(options.logFile, 'a', 0o600);
  // Not execa: the log must be a file descriptor (a pipe would end with the runner), and the server
  // gets its own session, so that Ctrl-C on the terminal does not reach it.
  const child = spawn(options.server, [configuration], {
    cwd: '/',
    env: { ...options.environment, LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let outcome: string | null = null;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  void ended.then((how) => (outcome = how));
  return { pid: child.pid, unref: () => child.unref(), ended, outcome: () => outcome };
}

async function untilReady(
  { clock, password, ready_ms, signal }: ServerOptions,
  child: Launched,
  port: number,
): Promise<string> {
  const until = clock.now() + ready_ms;
  const address = { host: LOOPBACK, port, password };
  let answer = 'nothing';
  try {
    while (clock.now() < until) {
      answer = await ping(address);
      const ended = child.outcome();
      if (ended !== null) return ended;
      if (answer === 'PONG') return 'ready';
      await clock.sleep(POLL_MS, signal);
    }
  } catch (error) {
    await forceStop(child.pid, clock);
    throw error;
  }
  await forceStop(child.pid, clock);
  return `it was not ready after ${ready_ms / 1000} s: ${answer}`;
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

function isPortTaken(logFile: string): boolean {
  return tailOf(logFile, SHOWN_LINES).some((line) => line.includes('Address already in use'));
}

async function forceStop(pid: number | undefined, clock: Clock): Promise<void> {
  if (pid !== undefined) await untilGone(killTrees([pid]), clock, GONE_MS);
}

type ServerPlace = Pick<ServerOptions, 'title' | 'password' | 'clock'>;

/** A server that another runner started; `ended` tells when it is gone, in words. */
export function adoptServer(
  found: ServerPlace & { readonly pid: number; readonly port: number },
  ended: Promise<string>,
): Server {
  const { pid, port } = found;
  let outcome: string | null = null;
  void ended.then((how) => (outcome = how));
  return serverOf(found, { pid, ended, outcome: () => outcome, unref: () => {} }, port);
}

function serverOf({ title, password, clock }: ServerPlace, child: Launched, port: number): Server {
  const pid = child.pid!;
  // Once it has been collected its pid may be another process's.
  const isGone = () => child.outcome() !== null || processStarted(pid) === null;
  return {
    title,
    host: LOOPBACK,
    port,
    password,
    pid,
    ended: child.ended,
    pids: () => (isGone() ? [] : liveTree(pid)),
    stop: async () => {
      if (child.outcome() !== null) return;
      sendSignal(pid, 'SIGTERM');
      await within(child.ended, STOP_MS, null);
      if (child.outcome() === null) await forceStop(pid, clock);
    },
    release: () => child.unref(),
  };
}
