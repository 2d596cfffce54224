// Who works on a system that is up: a lock in its run directory, and a note for each drill of it.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { lockHolders, takeLock, type Locked, type LockHolder } from '../host/lock.ts';
import { runFile } from './run-files.ts';

/** Claims the system of a run directory: a run that drills it, `drill down` or `drill clean`. */
export function claimSystem(directory: string, by: string): Locked {
  return takeLock(runFile(directory, 'claims'), by);
}

export function liveClaims(directory: string): LockHolder[] {
  return lockHolders(runFile(directory, 'claims'));
}

/** One drill of a system that was up. */
export interface EarlierDrill {
  readonly run: string;
  readonly drill: string;
}

/** Notes in the run directory of a system that a run drills it. */
export function noteDrill(directory: string, drill: EarlierDrill): void {
  appendFileSync(runFile(directory, 'drilled'), `${JSON.stringify(drill)}\n`, { mode: 0o600 });
}

/** The last one that was noted before the run `but`; null when there was none. */
export function lastDrill(directory: string, but: string): EarlierDrill | null {
  const file = runFile(directory, 'drilled');
  if (!existsSync(file)) return null;
  const drills = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EarlierDrill);
  return drills.findLast(({ run }) => run !== but) ?? null;
}
