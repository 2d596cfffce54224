// What killed processes were making and have left half-made is removed.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../clock.ts';
import { isOwn, removeTree } from '../files.ts';
import { makerOf } from '../half-made/ending.ts';
import { liveTree } from '../process/processes.ts';

/** Longer than anything is made: whether a maker in another container lives cannot be asked. */
const MADE_WITHIN_MS = 3_600_000;

/** In the folder itself, of those names; nothing happens where it cannot be read. */
export function removeHalfMade(folder: string, isMeant?: (name: string) => boolean): void {
  for (const name of namesIn(folder)) {
    if (isMeant?.(name) === false) continue;
    const maker = makerOf(name);
    if (maker === null) continue;
    const path = join(folder, name);
    const isAbandoned = maker.isSeen ? liveTree(maker.pid).length === 0 : isOld(path);
    if (isAbandoned && isOwn(path)) removeTree(path);
  }
}

function isOld(path: string): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts !== undefined && hostClock().wall() - facts.mtimeMs > MADE_WITHIN_MS;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
