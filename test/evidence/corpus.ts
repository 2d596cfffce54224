// The evidence corpus: whole runs of an earlier version (see corpus/README.md), each file compressed
// on its own, unpacked into a folder where `judge` can read them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const CORPUS = fileURLToPath(new URL('./corpus/', import.meta.url));
const PACKED = '.br';

/** The names of the runs that are kept. */
export function corpusRuns(): string[] {
  const entries = readdirSync(CORPUS, { withFileTypes: true });
  return entries.filter((each) => each.isDirectory()).map(({ name }) => name);
}

/** Writes the files of a run into `directory`. */
export function unpackRun(name: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(join(CORPUS, name))) {
    const bytes = readFileSync(join(CORPUS, name, file));
    const isPacked = file.endsWith(PACKED);
    const target = join(directory, isPacked ? file.slice(0, -PACKED.length) : file);
    writeFileSync(target, isPacked ? brotliDecompressSync(bytes) : bytes);
  }
}
