// Starts a process that may outlive this one: in a session of its own, so that Ctrl-C on the
// terminal does not reach it, and with a file for its output, since a pipe would end with this one.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { APPEND } from '../files.ts';
import type { ProcessEnvironment } from './processes.ts';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly error?: string;
}

export interface DetachedOptions extends Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> {
  readonly env: ProcessEnvironment;
  /** Its output is appended to this file. */
  readonly logFile: string;
  /** Opens Node's channel to it. */
  readonly hasChannel?: boolean;
}

export function startDetached(
  program: string,
  args: readonly string[],
  { logFile, hasChannel = false, ...options }: DetachedOptions,
): ChildProcess {
  const log = openSync(logFile, APPEND, 0o600);
  const child = spawn(program, args, {
    ...options,
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', log, log, ...(hasChannel ? (['ipc'] as const) : [])],
  });
  closeSync(log);
  return child;
}

/** How the child ended, or that it never began. */
export function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
  });
}

/** `exit code 1`, `signal SIGKILL`, or why it never began. */
export function describeExit({ code, signal, error }: ProcessExit): string {
  if (error !== undefined) return `it could not be started: ${error}`;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
