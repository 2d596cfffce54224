// Runs a short command to its end and collects what it says.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Owner } from '../files.ts';
import type { ProcessEnvironment } from './processes.ts';

export interface EndOptions {
  /** Of the command; this process's own when left out. */
  readonly environment?: ProcessEnvironment;
  /** The user that it runs as; null or left out: this process's own. */
  readonly owner?: Owner;
  /** Its standard input; empty when left out. */
  readonly input?: string;
  /** The command is killed after so long. */
  readonly atMost_ms: number;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

export interface CommandEnd {
  readonly stdout: string;
  /** Standard output and standard error, as they came. */
  readonly all: string;
  /** Null: it ended with 0. Else an error code of the system (`EACCES`), or how it ended. */
  readonly problem: string | null;
}

/** Works in `/`. Never rejects; no shell is involved. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: EndOptions,
): Promise<CommandEnd> {
  const { environment, owner, input, atMost_ms, signal } = options;
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(program, args, {
      cwd: '/',
      timeout: atMost_ms,
      killSignal: 'SIGKILL',
      ...(environment === undefined ? {} : { env: environment }),
      ...(signal === undefined ? {} : { signal }),
      ...owner,
    });
  } catch (error) {
    return Promise.resolve({ stdout: '', all: '', problem: codeOf(error) });
  }
  let stdout = '';
  let all = '';
  let failure: string | null = null;
  if (child.pid === undefined) return unstarted(child);
  child.stdin.on('error', () => {}); // it ended without reading its input
  child.stdin.end(input ?? '');
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
  child.on('error', (error) => (failure = codeOf(error)));
  return new Promise((resolve) => {
    child.on('close', (code, killed) => {
      const ended = code === 0 ? null : (killed ?? `exit code ${code}`);
      resolve({ stdout, all, problem: failure ?? ended });
    });
  });
}

/** Where the machine has no more descriptors or processes there are no streams to listen to. */
function unstarted(child: ChildProcessWithoutNullStreams): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ stdout: '', all: '', problem: codeOf(error) }));
  });
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
