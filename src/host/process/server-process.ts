// A server that is no program of ours (PostgreSQL, Redis), started on a free port of loopback. It
// outlives the runner on purpose (a kept system; `drill clean` after a crash), so there is no
// channel.
import { outcomeOf, within, type Clock } from '../clock.ts';
import type { Owner } from '../files.ts';
import { linesAtEnd, partFailure } from '../machine/last-words.ts';
import { OperationFailed } from '../operation-failed.ts';
import { freePort, LOOPBACK } from '../ports.ts';
import { describeExit, exitOf, startDetached } from './detached.ts';
import {
  killTrees,
  processStarted,
  sendSignal,
  untilGone,
  type ProcessEnvironment,
} from './processes.ts';

const PORT_ATTEMPTS = 5;
const GONE_MS = 2_000;
/** Lines after the one that the port was taken, and that one. */
const TOLD_AT_LAST = 10;

export interface ServerProcess {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves to how it ended, in words. */
  readonly ended: Promise<string>;
  /** Once it has been collected its pid may be another process's. */
  isGone(): boolean;
  /** Asks it to end with this signal, then by force. True if it ended at this request, in order. */
  end(signal: NodeJS.Signals, atMost_ms: number): Promise<boolean>;
  /** Lets the runner end without it. */
  release(): void;
}

export interface StartOptions {
  /** For errors: `PostgreSQL on west/postgres`, and what is expected of it. */
  readonly what: string;
  readonly expected: string;
  readonly program: string;
  /** Carries the run's mark. */
  readonly environment: ProcessEnvironment;
  /** Null: this process's own. */
  readonly owner: Owner;
  readonly logFile: string;
  /** In the log when the port was taken meanwhile: then it is tried with another one. */
  readonly portTaken: string;
  /** Where it was before, so that those who know it there find it again. */
  readonly port?: number | undefined;
  readonly clock: Clock;
  readonly ready_ms: number;
  readonly poll_ms: number;
  readonly signal?: AbortSignal | undefined;
  /** The arguments for this port; whatever it reads from files is written here. */
  readonly prepare: (port: number) => string[];
  /** Null when it is ready, else what was seen instead (may be empty). */
  readonly look: (port: number, pid: number | undefined) => Promise<string | null>;
}

/** Resolves once it is ready; rejects with an `EnvironmentError` that shows its log. */
export async function startServerProcess(options: StartOptions): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const port = attempt === 1 && options.port ? options.port : await freePort();
    options.signal?.throwIfAborted();
    const launched = launch(options, port);
    const outcome = await untilReady(options, launched, port);
    if (outcome === null) return processOf(launched, port, options.clock);
    const log = linesAtEnd(options.logFile);
    const isPortTaken = log.slice(-TOLD_AT_LAST).some((line) => line.includes(options.portTaken));
    if (isPortTaken && attempt < PORT_ATTEMPTS) continue;
    const { what, expected, logFile } = options;
    const hint = `read its log: ${logFile}`;
    throw partFailure({ what, expected, found: outcome, hint, log });
  }
}

/** Where it is not at that port, nobody who knows it there would find it: it is stopped again. */
export async function requirePort<S extends Stoppable>(server: S, port: number): Promise<S> {
  if (server.port === port) return server;
  await server.stop();
  const expected = `it back at its port ${port}`;
  const found = 'that something else has taken it';
  throw new OperationFailed({ what: server.title, expected, found });
}

interface Stoppable {
  readonly title: string;
  readonly port: number;
  stop(): Promise<unknown>;
}

export interface FoundProcess {
  readonly pid: number;
  readonly port: number;
  readonly clock: Clock;
}

/** A server that another runner started; `ended` tells when it is gone, in words. */
export function adoptServerProcess(
  { pid, port, clock }: FoundProcess,
  ended: Promise<string>,
): ServerProcess {
  // Nobody but its parent hears with what it ended.
  return processOf({ pid, ended, release: () => {} }, port, clock, () => true);
}

interface Launched {
  readonly pid: number | undefined;
  readonly release: () => void;
  readonly ended: Promise<string>;
}

function launch(options: StartOptions, port: number): Launched {
  const child = startDetached(options.program, options.prepare(port), {
    cwd: '/',
    env: { ...options.environment, LC_ALL: 'C', TZ: 'UTC' },
    logFile: options.logFile,
    ...options.owner,
  });
  const ended = exitOf(child).then(describeExit);
  return { pid: child.pid, release: () => child.unref(), ended };
}

/** Null when it is ready, else why it is not; then it does not run any more. */
async function untilReady(
  { clock, ready_ms, poll_ms, signal, look }: StartOptions,
  launched: Launched,
  port: number,
): Promise<string | null> {
  const until = clock.now() + ready_ms;
  const outcome = outcomeOf(launched.ended);
  let seen = '';
  try {
    while (clock.now() < until) {
      const state = await look(port, launched.pid);
      const ended = outcome();
      if (ended !== null) return ended;
      if (state === null) return null;
      seen = state;
      await clock.sleep(poll_ms, signal);
    }
  } catch (error) {
    await forceStop(launched.pid, clock);
    throw error;
  }
  await forceStop(launched.pid, clock);
  return `it was not ready after ${ready_ms / 1000} s${seen === '' ? '' : `: ${seen}`}`;
}

async function forceStop(pid: number | undefined, clock: Clock): Promise<void> {
  if (pid !== undefined) await untilGone(killTrees([pid]), clock, GONE_MS);
}

function processOf(
  launched: Launched,
  port: number,
  clock: Clock,
  isOrderly: (how: string) => boolean = (how) => how === 'exit code 0',
): ServerProcess {
  const { ended, release } = launched;
  const outcome = outcomeOf(ended);
  const pid = launched.pid!;
  return {
    host: LOOPBACK,
    port,
    pid,
    ended,
    isGone: () => outcome() !== null || processStarted(pid) === null,
    end: async (signal, atMost_ms) => {
      if (outcome() !== null) return false;
      sendSignal(pid, signal);
      const how = await within(ended, atMost_ms, null);
      if (outcome() === null) await forceStop(pid, clock);
      return how !== null && isOrderly(how);
    },
    release,
  };
}
