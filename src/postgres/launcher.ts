// Starts and stops one PostgreSQL server. It outlives the runner on purpose (a kept system; `drill
// clean` after a crash), so it is no program of ours with a channel.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../host/clock.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { tailOf } from '../host/files.ts';
import { within } from '../host/limits.ts';
import { freePort, LOOPBACK } from '../host/ports.ts';
import {
  killTrees,
  liveTree,
  postgresBelow,
  processStarted,
  sendSignal,
  untilGone,
  type ProcessEnvironment,
} from '../host/processes.ts';
import { ownerOf, type Identity } from './identity.ts';

const PORT_ATTEMPTS = 5;
const POLL_MS = 3;
const FAST_STOP_MS = 8_000;
const ABANDON_MS = 3_000;
const GONE_MS = 2_000;
const SHOWN_LINES = 10;

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
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface Server {
  readonly title: string;
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves to how it ended, in words. */
  readonly ended: Promise<string>;
  /** The server and all its processes, those that outlive the first of them included. */
  pids(): number[];
  /** What still runs on the data directory although the server's first process is gone. */
  orphans(): number[];
  /**
   * Disconnects clients, writes everything down, releases the shared memory; by force if that takes
   * too long.
   */
  stop(): Promise<void>;
  /**
   * Releases the shared memory and ends without writing anything down, for a directory that goes
   * anyway.
   */
  abandon(): Promise<void>;
  /** Lets the runner end without it. */
  release(): void;
}

/**
 * Resolves once it takes connections (read-only ones, for a standby). A port that was taken
 * meanwhile is replaced.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    options.signal?.throwIfAborted();
    const child = launch(options, port);
    const outcome = await untilReady(options, child);
    if (outcome === 'ready') return serverOf(options, child, port);
    if (!isPortTaken(options.logFile) || attempt === PORT_ATTEMPTS) {
      throw new EnvironmentError({
        what: `PostgreSQL on ${options.title}`,
        expected: `a server that takes connections within ${options.ready_ms / 1000} s`,
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
  const log = openSync(options.logFile, 'a', 0o600);
  // Not execa: the log must be a file descriptor (a pipe would end with the runner), and the server
  // gets its own session, so that Ctrl-C on the terminal does not reach it.
  const child = spawn(join(options.bin, 'postgres'), ['-D', options.data, '-p', String(port)], {
    cwd: '/',
    env: { ...options.environment, LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['ignore', log, log],
    ...ownerOf(options.identity),
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

async function untilReady(options: ServerOptions, child: Launched): Promise<string> {
  const { clock, data, ready_ms, signal } = options;
  const until = clock.now() + ready_ms;
  try {
    while (clock.now() < until) {
      const ended = child.outcome();
      if (ended !== null) return ended;
      if (isReady(data, child.pid)) return 'ready';
      await clock.sleep(POLL_MS, signal);
    }
  } catch (error) {
    await forceStop(child.pid, clock);
    throw error;
  }
  await forceStop(child.pid, clock);
  return `it was not ready after ${ready_ms / 1000} s`;
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

function isPortTaken(logFile: string): boolean {
  return tailOf(logFile, SHOWN_LINES).some((line) => line.includes('could not bind'));
}

async function forceStop(pid: number | undefined, clock: Clock): Promise<void> {
  if (pid !== undefined) await untilGone(killTrees([pid]), clock, GONE_MS);
}

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

type ServerPlace = Pick<ServerOptions, 'title' | 'data' | 'clock'>;

function serverOf({ title, data, clock }: ServerPlace, child: Launched, port: number): Server {
  const pid = child.pid!;
  // Once it has been collected its pid may be another process's.
  const isGone = () => child.outcome() !== null || processStarted(pid) === null;
  const orphans = () => (isGone() ? postgresBelow(data) : []);
  const end = async (signal: NodeJS.Signals, atMost_ms: number) => {
    if (child.outcome() !== null) return;
    sendSignal(pid, signal);
    await within(child.ended, atMost_ms, null);
    if (child.outcome() === null) await forceStop(pid, clock);
  };
  return {
    title,
    data,
    host: LOOPBACK,
    port,
    pid,
    ended: child.ended,
    pids: () => (isGone() ? orphans() : liveTree(pid)),
    orphans,
    stop: () => end('SIGINT', FAST_STOP_MS),
    abandon: () => end('SIGQUIT', ABANDON_MS),
    release: () => child.unref(),
  };
}
