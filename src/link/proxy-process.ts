// The process of a proxy server: toxiproxy-server, a foreign program, or drill's own, which has a
// channel to us.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { freePort, LOOPBACK } from '../host/ports.ts';
import type { ProcessEnvironment } from '../host/process/processes.ts';
import { describeExit, startProgram, type ProgramExit } from '../host/program/program.ts';

/** At its own level Toxiproxy writes six lines for each connection, a health check's too. */
const LOG_LEVEL = 'error';

export interface ProxyProcess {
  readonly pid: number;
  readonly exited: Promise<ProgramExit>;
  /** How it ended, a clause for an error; null while it runs. */
  ended(): string | null;
  /** The port of its HTTP API on loopback; rejects while it is not known. */
  port(): Promise<number>;
  stay(): Promise<void>;
  release(): void;
}

export interface ProxyProcessOptions {
  readonly environment: ProcessEnvironment;
  readonly logFile: string;
  readonly seed?: number;
}

export function startBuiltIn({ environment, logFile, seed }: ProxyProcessOptions): ProxyProcess {
  const program = startProgram({
    title: 'the built-in proxy',
    module: new URL('./proxy/main.ts', import.meta.url),
    args: ['-host', LOOPBACK, '-port', '0', ...seedFlags(seed)],
    env: environment,
    logFile,
  });
  let end: string | null = null;
  void program.exited.then((exit) => (end = `it ended with ${describeExit(exit)}`));
  return {
    pid: program.pid,
    exited: program.exited,
    ended: () => end,
    port: async () => ((await program.request('address', null)) as { port: number }).port,
    stay: async () => {
      await program.request('stay', null);
    },
    release: () => program.release(),
  };
}

/** Its port can be taken before it binds it: then it ends, and says so in its log. */
export async function startToxiproxy(
  path: string,
  { environment, logFile, seed }: ProxyProcessOptions,
): Promise<ProxyProcess> {
  const port = await freePort();
  const log = openSync(logFile, 'a', 0o600);
  // A session of its own, so that Ctrl-C reaches drill alone; a file for its log, since a pipe
  // would end with drill.
  const child = spawn(path, ['-host', LOOPBACK, '-port', String(port), ...seedFlags(seed)], {
    env: { LOG_LEVEL, ...environment },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let end: string | null = null;
  const exited = new Promise<ProgramExit>((resolve) => {
    const endWith = (exit: ProgramExit, how: string) => {
      end ??= how;
      resolve(exit);
    };
    child.once('exit', (code, signal) => {
      const exit = { code, signal };
      endWith(exit, `it ended with ${describeExit(exit)}`);
    });
    child.once('error', (error) => endWith({ code: null, signal: null }, error.message));
  });
  return {
    pid: child.pid ?? -1,
    exited,
    ended: () => end,
    port: () => Promise.resolve(port),
    stay: () => Promise.resolve(),
    release: () => child.unref(),
  };
}

function seedFlags(seed: number | undefined): string[] {
  return seed === undefined ? [] : ['-seed', String(seed)];
}
