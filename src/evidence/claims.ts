// Who works on a system that is up: a file per claim in its run directory. Everybody writes their
// own claim before they look at the others', so that of two at once never both go on.
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../host/files.ts';
import { ownProcess, processStarted } from '../host/process/processes.ts';
import { runFile } from './run-files.ts';
import type { RunOwner } from './undo.ts';

export interface Claim {
  /** The run that drills the system, or `drill down`. */
  readonly by: string;
  readonly owner: RunOwner;
}

export type Claimed = { readonly release: () => void } | { readonly taken: Claim };

/** Claims the system of a run directory, unless a living process has it. */
export function claimSystem(directory: string, by: string): Claimed {
  const claim: Claim = { by, owner: ownProcess() };
  const folder = runFile(directory, 'claims');
  const own = join(folder, `${claim.owner.pid}.json`);
  makeDirectories(folder);
  writeFileSync(own, `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  const release = () => rmSync(own, { force: true });
  const taken = liveClaims(directory).find(({ owner }) => owner.pid !== claim.owner.pid);
  if (taken === undefined) return { release };
  release();
  return { taken };
}

/** The claims whose processes live; what dead ones left is passed over. */
export function liveClaims(directory: string): Claim[] {
  const folder = runFile(directory, 'claims');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const claim = readClaim(join(folder, name));
    return claim !== null && isAlive(claim) ? [claim] : [];
  });
}

function isAlive({ owner }: Claim): boolean {
  return processStarted(owner.pid) === owner.started;
}

/** Null for one that is gone by now, or half written: its writer looks at the others after that. */
function readClaim(file: string): Claim | null {
  try {
    const claim = JSON.parse(readFileSync(file, 'utf8')) as Partial<Claim> | null;
    const { by, owner } = claim ?? {};
    if (typeof by !== 'string' || typeof owner?.pid !== 'number') return null;
    return { by, owner: { pid: owner.pid, started: owner.started } };
  } catch {
    return null;
  }
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
