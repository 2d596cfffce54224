// The paths of files in a pack of evidence. Each can be made on any system, below the folder that
// it is unpacked to and nowhere else, and no two of them are one file where case does not count.
/** What is wrong with a pack, and where. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9 ._+@=,()~-]*$/;
/** Ends that Windows drops, and names that are devices there. */
const ENDS = /[ .]$/;
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const PATH_BYTES = 240;

/** Why a path is not taken; null: it is. */
export function pathProblem(path: string): string | null {
  if (path.length > PATH_BYTES) return `its path has ${path.length} letters, at most ${PATH_BYTES}`;
  const bad = path.split('/').find((segment) => {
    return !SEGMENT.test(segment) || ENDS.test(segment) || DEVICE.test(segment);
  });
  if (bad === undefined) return null;
  return `"${bad}" is no name that every system has: letters, digits and - . _ + @ = , ( ) ~`;
}

/** Why they cannot all be made on every system, a sentence; null: they can. */
export function clashProblem(paths: readonly string[]): string | null {
  const clash = clashIn(paths);
  if (clash !== null) return `${clash[0]} and ${clash[1]} are one file on some systems`;
  const files = new Set(paths.map((path) => path.toLowerCase()));
  const both = paths.flatMap(foldersOf).find((folder) => files.has(folder.toLowerCase()));
  return both === undefined ? null : `${both} is a file and a folder`;
}

/** All that it lies in. */
function foldersOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'));
}

/** The first path that another one hides on some system, with that one; null: there is none. */
export function clashIn(paths: readonly string[]): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const folded = path.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return [other, path];
    seen.set(folded, path);
  }
  return null;
}
