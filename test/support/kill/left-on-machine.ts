// What a run has on the machine, and what of it is still there later.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runFile } from '../../../src/evidence/run-files.ts';
import { liveClaims } from '../../../src/evidence/claims.ts';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { isFolder } from '../../../src/host/files.ts';
import { runOfDirectory } from '../../../src/host/tree/marked-directory.ts';
import { findRunProcesses, killTrees } from '../../../src/host/process/processes.ts';
import { cacheDirectory } from '../../../src/postgres/server/cache.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { atEngine } from '../servers/docker.ts';
import { sharedMemoryOf, stillThere } from '../system/shared-memory-of.ts';

/** What was seen of a run while it lived, by which its remains are known. */
export class Trace {
  readonly #run: string;
  readonly #temporary: string;
  readonly #memory = new Set<string>();
  readonly #ports = new Set<string>();

  constructor(run: string, temporary: string) {
    this.#run = run;
    this.#temporary = temporary;
  }

  look(): void {
    const pids = this.#processes();
    for (const each of sharedMemoryOf(pids)) this.#memory.add(each);
    for (const port of listening(pids)) this.#ports.add(port);
  }

  /** In words. */
  left(isCompose: boolean): string[] {
    const id = basename(this.#run);
    const pids = this.#processes();
    const scratch = join(this.#temporary, `drill-${id}`);
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    const log = runFile(this.#run, 'undo');
    const last = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').at(-1)! : '';
    const claims = liveClaims(this.#run).map(({ by }) => `a claim of ${by} on ${id}`);
    return [
      ...pids.map((pid) => `process ${pid}: ${commandOf(pid)}`),
      ...(existsSync(scratch) ? [`${scratch}: ${readdirSync(scratch).join(', ')}`] : []),
      ...stillThere([...this.#memory]),
      ...listening(pids).filter((port) => this.#ports.has(port)),
      ...mounts.filter((mount) => mount.includes(id)),
      ...(isCompose ? atEngine(id) : []),
      ...workshopsOf(id),
      ...claims,
      ...(last === '' || last.includes('"done"') ? [] : [`an undo log that ends with ${last}`]),
    ];
  }

  /** By force, evidence and all. */
  purge(): void {
    killTrees(this.#processes());
    for (const place of [join(this.#temporary, `drill-${basename(this.#run)}`), this.#run]) {
      rmSync(place, { recursive: true, force: true });
    }
  }

  #processes(): number[] {
    const id = basename(this.#run);
    return findRunProcesses(id, join(this.#temporary, `drill-${id}`));
  }
}

/** Whatever is in the directory of temporary files that is of no system that stays. */
export function leftIn(temporary: string, staying: readonly string[]): string[] {
  const own = staying.map((run) => `drill-${basename(run)}`);
  const names = readdirSync(temporary).filter((name) => !own.includes(name));
  return names.map((name) => join(temporary, name));
}

/** What somebody was making in the folder of runs, in one of them, or beside drill files. */
export function halfMadeIn(place: string): string[] {
  const runs = runsDirectory(place);
  const folders = [place, join(place, '.drill'), runs];
  if (existsSync(runs)) folders.push(...readdirSync(runs).map((name) => join(runs, name)));
  return folders.filter(isFolder).flatMap((folder) => {
    const names = readdirSync(folder).filter((name) =>
      /^\.[^.]+.+|\.[0-9a-f]{8}$|\.making-/.test(name),
    );
    return names.filter((name) => name !== '.drill').map((name) => join(folder, name));
  });
}

function workshopsOf(run: string): string[] {
  const cache = cacheDirectory(process.env, databaseIdentity());
  const made = readdirSync(cache).map((name) => join(cache, name));
  return made.filter((path) => runOfDirectory(path) === run);
}

function listening(pids: readonly number[]): string[] {
  if (pids.length === 0) return [];
  const { stdout } = spawnSync('ss', ['-lntupH'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const its = [...line.matchAll(/pid=(\d+)/g)].some(([, pid]) => pids.includes(Number(pid)));
    return its ? [`port ${line.trim().split(/\s+/)[4]}`] : [];
  });
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return 'gone';
  }
}
