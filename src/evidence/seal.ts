// What ties the files of a run together: the lines of a journal are numbered and have a running
// checksum, and what else is evidence stands in it with size and hash. A flip, a cut, a line that
// is doubled or in another place shows, though not the work of somebody who computes both again.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { count, type Frozen } from '../drill/planned.ts';
import { openToRead, readingError } from './evidence-error.ts';

const CHUNK_BYTES = 1024 * 1024;
const SEALED = /,"n":(\d+),"sum":"([0-9a-f]{8})"\}$/;
/** `,"sum":"` to the end of the line. */
const SUM_LENGTH = ',"sum":"01234567"}'.length;

/** Makes the lines of one file: the JSON text of each object, with its number and checksum. */
export function sealer(): (value: object) => string {
  let count = 0;
  let sum = 0;
  return (value) => {
    count++;
    const numbered = JSON.stringify({ ...value, n: count }).slice(0, -1);
    sum = crc32(numbered, sum);
    return `${numbered},"sum":"${digits(sum)}"}`;
  };
}

/**
 * Says what is wrong with each line of a file, one after the other; null: nothing. `isSealed`
 * is false for a file that was written before there were seals, and null where its first line says.
 */
export function sealChecker(isSealed: boolean | null): (line: string) => string | null {
  let count = 0;
  let sum = 0;
  let isDue = isSealed;
  return (line) => {
    const [, number, claimed] = SEALED.exec(line) ?? [];
    isDue ??= claimed !== undefined;
    if (claimed === undefined) return isDue ? 'has lost its checksum' : null;
    const found = digits(crc32(line.slice(0, -SUM_LENGTH), sum));
    const isNext = Number(number) === count + 1;
    // The rest of the file is judged by itself.
    count = Number(number);
    sum = Number.parseInt(claimed, 16);
    if (!isDue) return 'has a checksum, and there were none when its run began';
    if (!isNext) return `has the number ${number}`;
    return found === claimed ? null : 'is not as it was written';
  };
}

/** A file as it was when it was closed. */
export const sealedFile = z.strictObject({ file: z.string(), bytes: count, sha256: z.string() });
export type SealedFile = Frozen<z.output<typeof sealedFile>>;

/** Throws an `EvidenceError`. */
export function sealOf(path: string, file: string): SealedFile {
  const hash = createHash('sha256');
  const opened = openToRead(path);
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, fstatSync(opened).size + 1));
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(opened, chunk, 0, chunk.length, bytes);
      if (read === 0) break;
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
  } catch (error) {
    throw readingError(path, error);
  } finally {
    closeSync(opened);
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

function digits(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
