// Runs one command to its end.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { APPEND, tailOf } from './files.ts';
import { CommandFailed } from './process/command-failed.ts';
import { endWithin } from './process/end-within.ts';

const SHOWN_LINES = 5;

export interface CommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Its output goes here and not through a pipe, which a child of its own could hold open. */
  readonly logFile: string;
  /** Kills it and its children. */
  readonly signal?: AbortSignal | undefined;
  /** They are killed after so long too. */
  readonly atMost_ms?: number;
}

/** Resolves when it exits with 0; else rejects with a `CommandFailed`. No shell is involved. */
export async function runCommand(
  command: readonly string[],
  { environment, logFile, ...limits }: CommandOptions,
): Promise<void> {
  limits.signal?.throwIfAborted();
  const [file = '', ...args] = command;
  const log = openSync(logFile, APPEND, 0o600);
  // What others have said there before is not its own.
  const { size: from } = fstatSync(log);
  const running = spawn(file, args, { env: environment, stdio: ['ignore', log, log] });
  closeSync(log);
  const { code, why } = await endWithin(running, limits);
  if (code === 0) return;
  const said = [why, ...tailOf(logFile, SHOWN_LINES, from)].filter(Boolean).join('\n');
  throw new CommandFailed(command, said, code);
}
