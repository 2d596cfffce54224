// Where runs are kept: `.drill/runs/<utc time>-<name>-<4 hex>`, the link `latest` beside them, and
// the file in a run's directory by which it is pinned.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runFile } from '../evidence/run-files.ts';
import type { Clock } from '../host/clock.ts';
import { makeDirectories } from '../host/files.ts';
import { makerEnding } from '../host/half-made/ending.ts';
import { UserError } from '../screen/user-error.ts';

export const LATEST = 'latest';

const NAME_LENGTH = 40;
const EXIT_ENVIRONMENT = 4;

/** The folder of runs: `out`, relative to `directory`, or else its `.drill/runs`. */
export function runsDirectory(directory: string, out: string | null = null): string {
  return out === null ? join(directory, '.drill', 'runs') : resolve(directory, out);
}

/** No name of a drill comes to it: those have single hyphens. */
const REGIONS = '--regions';

/** Whether it is a place for regions that runs of a series share, and no run. */
export function isRegions(id: string): boolean {
  return id.slice(0, -'-3fa2'.length).endsWith(REGIONS);
}

/** `20261122T201317Z-region-outage--regions-3fa2` */
export function newRegionsId(name: string, clock: Pick<Clock, 'wall'>): string {
  return idOf(`${slugOf(name)}${REGIONS}`, clock);
}

/** `20261122T201317Z-region-outage-3fa2`: sorts by time; two of one second differ. */
export function newRunId(name: string, clock: Pick<Clock, 'wall'>): string {
  return idOf(slugOf(name), clock);
}

function idOf(slug: string, clock: Pick<Clock, 'wall'>): string {
  const time = new Date(clock.wall()).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  return `${time}-${slug}-${randomBytes(2).toString('hex')}`;
}

/** The name of a drill as it stands in the ids of its runs. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_LENGTH)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'drill' : slug;
}

/** Makes it with `logs/` in it; `latest` points to it, if so wanted. Throws a `UserError`. */
export function createRunDirectory(runs: string, id: string, isLatest = true): string {
  const path = join(runs, id);
  try {
    makeDirectories(runs);
    mkdirSync(path);
    mkdirSync(join(path, 'logs'));
  } catch (error) {
    throw new UserError(`cannot make the run directory ${path}: ${(error as Error).message}`, {
      hint: '--out DIR, a folder that can be written',
      exitCode: EXIT_ENVIRONMENT,
    });
  }
  if (isLatest) pointLatest(runs, id);
  return path;
}

/** The same of a directory that was made elsewhere, as a whole. */
export function adoptRunDirectory(runs: string, id: string, from: string): void {
  renameSync(from, join(runs, id));
  pointLatest(runs, id);
}

/** By rename: there is a link at every moment. A run goes on where links are not possible. */
function pointLatest(runs: string, id: string): void {
  const made = join(runs, `.${id}.making-${makerEnding()}`);
  try {
    symlinkSync(id, made);
    renameSync(made, join(runs, LATEST));
  } catch {
    rmSync(made, { force: true });
  }
}

/** A pinned run stays on the disk until it is unpinned. */
export function isPinned(directory: string): boolean {
  return existsSync(runFile(directory, 'pinned'));
}

/** False where it was so already. Throws what the operating system says. */
export function setPinned(directory: string, pinned: boolean): boolean {
  if (isPinned(directory) === pinned) return false;
  const file = runFile(directory, 'pinned');
  if (pinned) writeFileSync(file, 'drill unpin takes this file away\n');
  else rmSync(file);
  return true;
}
