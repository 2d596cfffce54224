// Runs one command to its end.
import { OperationFailed } from './operation-failed.ts';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { APPEND, tailOf } from './files.ts';
import { describeExit, exitOf } from './process/detached.ts';
import { killTrees } from './process/processes.ts';

const SHOWN_LINES = 5;

export interface CommandOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Its output goes here and not through a pipe, which a child of its own could hold open. */
  readonly logFile: string;
  /** Kills it and its children. */
  readonly signal: AbortSignal;
}

/** Resolves when it exits with 0; rejects otherwise. No shell is involved. */
export async function runCommand(
  command: readonly string[],
  { environment, logFile, signal }: CommandOptions,
): Promise<void> {
  const [file = '', ...args] = command;
  const log = openSync(logFile, APPEND, 0o600);
  const running = spawn(file, args, { env: environment, stdio: ['ignore', log, log] });
  closeSync(log);
  const end = () => killTrees(running.pid === undefined ? [] : [running.pid]);
  signal.addEventListener('abort', end, { once: true });
  const exit = await exitOf(running);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (exit.code === 0) return;
  const why = exit.error ?? exit.signal ?? describeExit(exit);
  const said = [why, ...tailOf(logFile, SHOWN_LINES)].filter(Boolean).join('\n');
  throw new OperationFailed({ what: command.join(' '), expected: 'exit code 0', found: said });
}
