// What a run has done in a system of somebody's own is undone with a password from this shell. The
// variable of another system may have the same name, and no password is tried on a server that it
// is not of: only where it is clear whose it is that happens without being asked by name.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placeIds } from '../../archive/run-list.ts';
import { NOT_TOLD } from '../../drill/attached/consent-form.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import type { ProvenRun } from '../../evidence/undo.ts';
import { shellWord } from '../../screen/text.ts';

/** Why the system of that run is not entered unless the run is named; null: it may be. */
export type Unasked = (run: Pick<ProvenRun, 'run' | 'directory'>) => string | null;

/** `runs`: the folder of those that are of here. */
export function unaskedIn(runs: string): Unasked {
  const here = existsSync(runs) ? realpathSync(runs) : runs;
  let systems: Systems | null = null;
  return ({ run, directory }) => {
    const above = dirname(directory);
    const name = shellWord(run);
    if (above !== here) {
      const where = /^(.+)\/\.drill\/runs$/.exec(above)?.[1] ?? above;
      const how = where === above ? shellWord(directory) : name;
      const what = 'its password may be another one than that of this shell';
      return `it is not of this folder, so ${what}: cd ${shellWord(where)}; drill clean ${how}`;
    }
    const attached = attachedIn(directory);
    if (attached === null || attached === UNREAD || attached.password === null) return null;
    const { password } = attached;
    const where = whereWords(password);
    const then = `see that it is of this one, then drill clean ${name}`;
    systems ??= systemsIn(here);
    const { bySource, unread } = systems;
    if ((bySource.get(JSON.stringify(password))?.size ?? 0) > 1) {
      return `${where} is the password of more than one system here: ${then}`;
    }
    if (unread === null) return null;
    const other = `that of ${shellWord(unread)}, whose plan cannot be read`;
    return `${where} may be the password of another system too, ${other}: ${then}`;
  };
}

function whereWords(password: NonNullable<PlannedSystem['password']>): string {
  if ('env' in password) return password.env;
  return 'file' in password ? password.file : password.command.join(' ');
}

interface Systems {
  /** By where a password is from, the systems that it is of. */
  readonly bySource: ReadonlyMap<string, ReadonlySet<string>>;
  /** A run of which nobody knows what it has drilled; null: there is none. */
  readonly unread: string | null;
}

/** Of all runs here, those included that are clean: this shell may have the password of theirs. */
function systemsIn(runs: string): Systems {
  const bySource = new Map<string, Set<string>>();
  let unread: string | null = null;
  for (const id of placeIds(runs)) {
    const attached = attachedIn(join(runs, id));
    if (attached === UNREAD) unread = id;
    if (attached === null || attached === UNREAD || attached.password === null) continue;
    const source = JSON.stringify(attached.password);
    bySource.set(source, (bySource.get(source) ?? new Set()).add(systemOf(attached)));
  }
  return { bySource, unread };
}

/** Whatever its servers are called now, where it is known. */
function systemOf({ consent, databases }: PlannedSystem): string {
  const identifier = consent?.system_identifier ?? NOT_TOLD;
  return identifier === NOT_TOLD ? JSON.stringify(databases.map(({ url }) => url)) : identifier;
}

const UNREAD = 'unread';

/** Null for a system of drill's own, and where no plan was written yet. */
function attachedIn(directory: string): PlannedSystem | typeof UNREAD | null {
  try {
    return readPlan(directory).attached ?? null;
  } catch {
    return existsSync(runFile(directory, 'plan')) ? UNREAD : null;
  }
}
