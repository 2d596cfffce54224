// A pack is a tar file (ustar) that every system can unpack. It is read more strictly than tar is:
// plain files only, in the one form in which drill writes them, so that no byte of it can be
// another one and nothing hides between the files, in a header or behind the end.
import { PackError, pathProblem } from './paths.ts';

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** What eleven octal digits hold. */
export const SIZE_MAX = 8 ** 11 - 1;
const END = Buffer.alloc(2 * BLOCK);

export interface TarHead {
  readonly path: string;
  readonly size: number;
  readonly time_s: number;
}

/** What a pack is read from: bytes at a place, as many as there are. */
export interface ByteSource {
  readonly size: number;
  read(at: number, length: number): Buffer;
}

/** The block before a file's bytes. Throws a `PackError` for a path that has no room in it. */
export function headerOf({ path, size, time_s }: TarHead): Buffer {
  const [prefix, name] = splitPath(path);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write(octal(0o644, 7), 100, 'latin1');
  block.write(octal(0, 7), 108, 'latin1');
  block.write(octal(0, 7), 116, 'latin1');
  block.write(octal(size, 11), 124, 'latin1');
  block.write(octal(time_s, 11), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(octal(0, 7), 329, 'latin1');
  block.write(octal(0, 7), 337, 'latin1');
  block.write(prefix, 345, 'latin1');
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return block;
}

/** The zeros after a file's bytes, up to the next block. */
export function paddingOf(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What a file ends with. */
export function endOfTar(): Buffer {
  return Buffer.from(END);
}

export interface TarEntry extends TarHead {
  /** Where its bytes begin. */
  readonly at: number;
}

/** Every file of a tar file, in order. Throws a `PackError` at the first thing that is wrong. */
export function* entriesOf(source: ByteSource): Generator<TarEntry> {
  let at = 0;
  for (;;) {
    const block = source.read(at, BLOCK);
    if (block.length < BLOCK) throw new PackError(`it is cut off at byte ${at + block.length}`);
    if (block.every((byte) => byte === 0)) break;
    const head = headIn(block, at);
    const begin = at + BLOCK;
    const padding = paddingOf(head.size);
    const end = begin + head.size;
    if (end + padding.length > source.size) {
      throw new PackError(`${head.path} is cut off: the file ends at byte ${source.size}`);
    }
    if (!source.read(end, padding.length).equals(padding)) {
      throw new PackError(`something is hidden behind ${head.path}, at byte ${end}`);
    }
    yield { ...head, at: begin };
    at = end + padding.length;
  }
  const rest = source.read(at, END.length + 1);
  if (rest.length < END.length) throw new PackError(`it is cut off at byte ${at + rest.length}`);
  if (!rest.equals(END)) throw new PackError(`something stands behind its end, at byte ${at}`);
}

function headIn(block: Buffer, at: number): TarHead {
  const name = textIn(block, 0, NAME_BYTES);
  const prefix = textIn(block, 345, PREFIX_BYTES);
  const path = prefix === '' ? name : `${prefix}/${name}`;
  const head = { path, size: numberIn(block, 124), time_s: numberIn(block, 136) };
  const problem = pathProblem(path);
  if (at === 0 && block.readUInt16BE(0) === 0x1f8b) {
    throw new PackError(
      'it is compressed (gzip): expected a tar file as drill wrote it; gunzip it',
    );
  }
  if (!isHeader(block, head)) {
    throw new PackError(`at byte ${at} stands no header of a plain file as drill writes it`);
  }
  if (problem !== null) throw new PackError(`at byte ${at}: ${problem}`);
  return head;
}

function isHeader(block: Buffer, head: TarHead): boolean {
  try {
    return headerOf(head).equals(block);
  } catch {
    return false;
  }
}

function textIn(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('latin1');
}

/** NaN where it is none. */
function numberIn(block: Buffer, at: number): number {
  const text = block.subarray(at, at + 11).toString('latin1');
  return /^[0-7]{11}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** At the last slash behind which the rest has room. */
function splitPath(path: string): readonly [prefix: string, name: string] {
  if (path.length <= NAME_BYTES) return ['', path];
  const slash = path.indexOf('/', path.length - NAME_BYTES - 1);
  if (slash <= 0 || slash > PREFIX_BYTES) {
    throw new PackError(`${path}: a file's name has room for ${NAME_BYTES} letters in a pack`);
  }
  return [path.slice(0, slash), path.slice(slash + 1)];
}
