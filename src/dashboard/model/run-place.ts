// The folder of a run that somebody names in an address: an id and nothing else, of a folder that
// lies there itself.
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_ID } from '../../archive/run-list.ts';
import { RUN_FILES } from '../../evidence/evidence.ts';
import { markOf } from './mark.ts';

/** Null where there is no such run. A link is none: it leads elsewhere. */
export function runPlace(runs: string, id: string): string | null {
  if (!RUN_ID.test(id)) return null;
  const place = join(runs, id);
  try {
    return lstatSync(place).isDirectory() ? place : null;
  } catch {
    return null;
  }
}

/** Changes with any file of the run. */
export function markOfRun(place: string): string {
  return Object.values(RUN_FILES)
    .map((name) => markOf(join(place, name)))
    .join(' ');
}
