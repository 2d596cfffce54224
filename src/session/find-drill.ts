// Which drill file a word of the command line means: a file, the standard input, or the name of a
// drill in `./drills` or among those that come with drill.
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, parse, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_BYTES_MAX } from '../drill/file/yaml-source.ts';
import { readPlainFile } from '../host/plain-file.ts';
import { CONFIG_FILE, STANDARD_INPUT } from './source.ts';

/** The drills that come with drill. */
export const SHIPPED_DRILLS = fileURLToPath(new URL('../../drills/', import.meta.url));

const FOLDER = 'drills';
/** In a folder of drills: those of systems that somebody else runs. */
export const OWN_DRILLS = './attached';
const FOLDERS = ['.', 'strategies', 'faults', OWN_DRILLS];
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

/** Whether a file in a folder of drills is meant to be one, by its name. */
export function isDrillName(name: string): boolean {
  return /\.ya?ml$/.test(name) && name !== CONFIG_FILE && !name.startsWith('.');
}

/** Names that stand for a drill, those in `./drills` first. */
export function drillNames(directory: string): string[] {
  const files = [join(directory, FOLDER), SHIPPED_DRILLS].flatMap(drillFiles);
  return [...new Set(files.map((file) => parse(file).name))];
}

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** In a folder of drills: files of game days, which are no drills. */
const GAME_DAYS = 'gamedays';

/** Files by name, `week-2` before `week-10`: those of the folder, then of the folders in it. */
export function drillFiles(folder: string): string[] {
  const entries = entriesOf(folder).toSorted((a, b) => BY_NAME.compare(a.name, b.name));
  const files = entries.filter((entry) => !entry.isDirectory() && isDrillName(entry.name));
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== GAME_DAYS,
  );
  const pathOf = ({ name }: Dirent) => join(folder, name);
  const drills = files.map(pathOf).filter((path) => !isRestore(path) && !isConsent(path));
  return [...drills, ...folders.map(pathOf).flatMap(drillFiles)];
}

/** Whether it is a file for `drill restore`, which may stand beside drills. */
function isRestore(path: string): boolean {
  return holds(path, /^restore:/m);
}

/** Whether `drill attach` wrote it, under whatever name. */
export function isConsent(path: string): boolean {
  return holds(path, /^schema: drill\.consent\//m);
}

function holds(path: string, line: RegExp): boolean {
  try {
    return line.test(readPlainFile(path, FILE_BYTES_MAX).toString('utf8'));
  } catch {
    return false; // whoever reads it says what is wrong
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function shownFrom(directory: string, path: string): string {
  const shown = relative(directory, path);
  return shown.startsWith('..') || isAbsolute(shown) ? path : shown;
}
