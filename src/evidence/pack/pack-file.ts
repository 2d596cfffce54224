// The files of a pack, wherever they come from: a tar file, or the folder that somebody has
// unpacked it to. Nothing in either is followed, waited for or run.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { PackError, pathProblem } from './paths.ts';
import { entriesOf, type ByteSource } from './tar.ts';

const CHUNK_BYTES = 1024 * 1024;
const DEPTH_MAX = 8;
const FILES_MAX = 200_000;
/** Nobody waits for a FIFO in a file's place, and no link is followed. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface PackFile {
  readonly path: string;
  readonly size: number;
  /** When it was packed, in seconds since 1970; null: of a folder, where nothing says it. */
  readonly time_s: number | null;
  readonly chunks: () => Iterable<Buffer>;
}

export interface OpenPack extends Disposable {
  /** From the first one on, each time. Throws a `PackError` at what no pack has. */
  readonly files: () => Iterable<PackFile>;
}

/** Throws a `PackError` where it is neither a file nor a folder, and what the system says. */
export function openPack(path: string): OpenPack {
  // A link that the user has named is the user's own; those inside are not followed.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const facts = fstatSync(file);
  if (facts.isDirectory()) {
    closeSync(file);
    return { files: () => filesBelow(path), [Symbol.dispose]: () => {} };
  }
  if (!facts.isFile()) {
    closeSync(file);
    throw new PackError('it is neither a file nor a folder');
  }
  const source = fileSource(file, facts.size);
  return { files: () => filesInTar(source), [Symbol.dispose]: () => closeSync(file) };
}

export function hashOf({ chunks }: Pick<PackFile, 'chunks'>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return hash.digest('hex');
}

/** All of a small file. Throws a `PackError` where it has more bytes. */
export function bytesOf({ path, size, chunks }: PackFile, atMost: number): Buffer {
  if (size <= atMost) return Buffer.concat([...chunks()]);
  throw new PackError(`${path} has ${size} bytes, expected at most ${atMost}`);
}

/** A file on the disk: its bytes are read when they are asked for. Throws what the system says. */
export function fileAt(place: string, path: string): PackFile {
  const facts = lstatSync(place);
  if (!facts.isFile()) throw new PackError(`${path} is no plain file`);
  const chunks = function* () {
    const file = openSync(place, READ);
    try {
      yield* chunksOf(fileSource(file, facts.size), 0, facts.size);
    } finally {
      closeSync(file);
    }
  };
  return { path, size: facts.size, time_s: null, chunks };
}

function* filesInTar(source: ByteSource): Generator<PackFile> {
  let count = 0;
  for (const { path, size, time_s, at } of entriesOf(source)) {
    if (++count > FILES_MAX) throw new PackError(`it has more than ${FILES_MAX} files`);
    yield { path, size, time_s, chunks: () => chunksOf(source, at, size) };
  }
}

/** Every file in a folder and those in it, in the order of their names. */
export function* filesBelow(
  folder: string,
  isTaken: (path: string) => boolean = () => true,
): Generator<PackFile> {
  let count = 0;
  const visit = function* (at: string, depth: number): Generator<PackFile> {
    if (depth > DEPTH_MAX) throw new PackError(`${at} lies in more than ${DEPTH_MAX} folders`);
    const names = readdirSync(join(folder, at), { withFileTypes: true });
    for (const entry of names.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (!isTaken(path)) continue;
      const problem = pathProblem(path);
      if (problem !== null) throw new PackError(`${path}: ${problem}`);
      if (++count > FILES_MAX) throw new PackError(`it has more than ${FILES_MAX} files`);
      if (entry.isDirectory()) yield* visit(path, depth + 1);
      else yield fileAt(join(folder, path), path);
    }
  };
  yield* visit('', 0);
}

function* chunksOf(source: ByteSource, at: number, size: number): Generator<Buffer> {
  for (let done = 0; done < size;) {
    const chunk = source.read(at + done, Math.min(CHUNK_BYTES, size - done));
    if (chunk.length === 0) throw new PackError('it became shorter while it was read');
    done += chunk.length;
    yield chunk;
  }
}

function fileSource(file: number, size: number): ByteSource {
  const read = (at: number, length: number) => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
    let done = 0;
    while (done < bytes.length) {
      const more = readSync(file, bytes, done, bytes.length - done, at + done);
      if (more === 0) break;
      done += more;
    }
    return bytes.subarray(0, done);
  };
  return { size, read };
}
