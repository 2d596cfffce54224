// Runs one command to its end.
import { OperationFailed } from './operation-failed.ts';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { APPEND, tailOf } from './files.ts';
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

/** It did not end with 0. */
export class CommandFailed extends OperationFailed {
  /** Null: it was never started, was killed, or took too long. */
  readonly code: number | null;

  constructor(command: readonly string[], found: string, code: number | null) {
    super({ what: command.join(' '), expected: 'exit code 0', found });
    this.code = code;
  }
}

/** Resolves when it exits with 0; else rejects with a `CommandFailed`. No shell is involved. */
export async function runCommand(
  command: readonly string[],
  { environment, logFile, ...limits }: CommandOptions,
): Promise<void> {
  const [file = '', ...args] = command;
  const log = openSync(logFile, APPEND, 0o600);
  const running = spawn(file, args, { env: environment, stdio: ['ignore', log, log] });
  closeSync(log);
  const { code, why } = await endWithin(running, limits);
  if (code === 0) return;
  const said = [why, ...tailOf(logFile, SHOWN_LINES)].filter(Boolean).join('\n');
  throw new CommandFailed(command, said, code);
}
