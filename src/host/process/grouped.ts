// Runs a command of the user's in a process group of its own, which ends with it where it has to.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { APPEND } from '../files.ts';
import { describeExit, exitOf } from './detached.ts';
import { killTrees, type ProcessEnvironment } from './processes.ts';

export interface GroupedOptions {
  readonly directory: string;
  readonly environment: ProcessEnvironment;
  /** Its standard input. */
  readonly input: string;
  /** Takes its output. */
  readonly logFile: string;
  /** Kills it, with all that it started. */
  readonly signal: AbortSignal;
}

export interface GroupEnd {
  /** Null: it ended with 0. */
  readonly problem: string | null;
  readonly isStarted: boolean;
}

/** No shell is involved. Rejects where `signal` aborts, with its reason. */
export async function runGrouped(
  command: readonly string[],
  { directory, environment, input, logFile, signal }: GroupedOptions,
): Promise<GroupEnd> {
  signal.throwIfAborted();
  const [program = '', ...args] = command;
  const log = openLog(logFile);
  const own = { cwd: directory, env: environment, detached: true } as const;
  const child = spawn(program, args, { ...own, stdio: ['pipe', log, log] });
  if (log !== 'ignore') closeSync(log);
  const { pid } = child;
  const end = () => {
    if (pid !== undefined) killGroup(pid);
  };
  signal.addEventListener('abort', end, { once: true });
  child.stdin?.on('error', () => {}); // it may not want its input
  child.stdin?.end(input);
  const exit = await exitOf(child);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  const problem = exit.code === 0 ? null : describeExit(exit);
  return { problem, isStarted: exit.error === undefined };
}

/** On a full disk it runs without. */
function openLog(path: string): number | 'ignore' {
  try {
    return openSync(path, APPEND, 0o600);
  } catch {
    return 'ignore';
  }
}

/** Also those of the group whose parents are gone. */
function killGroup(leader: number): void {
  killTrees([leader]);
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // none is left
  }
}
