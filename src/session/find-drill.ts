// Which drill file a word of the command line means: a file, the standard input, or the name of a
// drill in `./drills` or among those that come with drill.
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stands for the standard input. */
export const STANDARD_INPUT = '-';
/** The drills that come with drill. */
export const SHIPPED_DRILLS = fileURLToPath(new URL('../../drills/', import.meta.url));

const FOLDER = 'drills';
const FOLDERS = ['.', 'strategies'];
const ENDINGS = ['', '.yaml', '.yml'];

/**
 * The file that `word` means, as it is to be named; the word itself where it is a file, or where
 * there is none. `region-outage` and `drills/region-outage.yaml` both find the drill of that name.
 */
export function findDrill(word: string, directory: string): string {
  if (word === STANDARD_INPUT || word === '' || existsSync(resolve(directory, word))) return word;
  const name = word.startsWith(`${FOLDER}/`) ? word.slice(FOLDER.length + 1) : word;
  const own = join(directory, FOLDER);
  for (const folder of [own, SHIPPED_DRILLS].flatMap((top) => FOLDERS.map((f) => join(top, f)))) {
    for (const ending of ENDINGS) {
      const path = join(folder, `${name}${ending}`);
      if (path.startsWith(folder) && isFile(path)) return shownFrom(directory, path);
    }
  }
  return word;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function shownFrom(directory: string, path: string): string {
  const shown = relative(directory, path);
  return shown.startsWith('..') || isAbsolute(shown) ? path : shown;
}
