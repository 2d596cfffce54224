// Where the Redis server is: `redis-server` or `valkey-server` on PATH. Nothing else of Redis is
// needed.
import { execFileSync } from 'node:child_process';
import { EnvironmentError } from '../host/environment-error.ts';
import { findProgram } from '../host/files.ts';
import type { ProcessEnvironment } from '../host/process/processes.ts';

const PROGRAMS = ['redis-server', 'valkey-server'];
const ASK_AT_MOST_MS = 5_000;
/** `set-proc-title` came with it. */
const LEAST = [6, 2] as const;
const INSTALL_REDIS = 'install it: apt-get install redis-server, or: brew install redis';

export interface RedisBinaries {
  readonly server: string;
  /** `7.0.15`, `valkey 8.1.1` */
  readonly version: string;
}

/** Throws an `EnvironmentError` where there is none, or one that is too old. */
export function locateRedis(environment: ProcessEnvironment): RedisBinaries {
  const path = environment['PATH'];
  const found = PROGRAMS.map((name) => findProgram(name, path)).find((file) => file !== null);
  if (found === undefined) {
    throw redisProblem('redis-server or valkey-server on PATH', 'neither', INSTALL_REDIS);
  }
  const answer = askVersion(found, environment);
  const match = /\bv=((\d+)\.(\d+)\S*)/.exec(answer);
  const hint = `try it: ${found} --version; or ${INSTALL_REDIS}`;
  if (match === null) throw redisProblem(`${found} to say its version`, answer, hint);
  const [major, minor] = [Number(match[2]), Number(match[3])];
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
    throw redisProblem(`version ${LEAST.join('.')} or newer`, `${match[1]} (${found})`, hint);
  }
  const kind = /valkey/i.test(answer) ? 'valkey ' : '';
  return { server: found, version: `${kind}${match[1]}` };
}

function askVersion(server: string, environment: ProcessEnvironment): string {
  try {
    const options = { env: environment, encoding: 'utf8', timeout: ASK_AT_MOST_MS } as const;
    return execFileSync(server, ['--version'], { ...options, stdio: 'pipe' }).trim();
  } catch (error) {
    return (error as Error).message.split('\n', 1)[0]!;
  }
}

function redisProblem(expected: string, found: string, hint: string): EnvironmentError {
  return new EnvironmentError({ what: 'Redis', expected, found, hint });
}
