// The sum of a file, by the ways that a manifest of PostgreSQL knows. CRC-32C is what pg_basebackup
// takes where nobody asked for another one.
import { createHash, webcrypto } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';

const HASHES = { SHA224: 'sha224', SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' } as const;

type Algorithm = keyof typeof HASHES | 'CRC32C' | 'NONE';

export interface Sum {
  readonly algorithm: Algorithm;
  /** Empty where there is none. */
  readonly hex: string;
}

const READ_WHOLE_BYTES = 16 * 1024 * 1024;

export function isAlgorithm(name: string): name is Algorithm {
  return name in HASHES || name === 'CRC32C' || name === 'NONE';
}

/** `SHA-256`, as people call it. */
export function titleOf({ algorithm }: Sum): string {
  return algorithm.replace(/^(SHA|CRC)/, '$1-');
}

/** In hexadecimal digits; empty for `NONE`. */
export async function sumOf(path: string, size: number, algorithm: Algorithm): Promise<string> {
  if (algorithm === 'NONE') return '';
  if (algorithm === 'CRC32C') return await crc32cOf(path);
  // On another thread where the bytes fit into memory at once.
  if (algorithm === 'SHA256' && size <= READ_WHOLE_BYTES) {
    const sum = await webcrypto.subtle.digest('SHA-256', await readFile(path));
    return Buffer.from(sum).toString('hex');
  }
  const hash = createHash(HASHES[algorithm]);
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** As in a manifest: its four bytes in the order of a machine whose least byte comes first. */
async function crc32cOf(path: string): Promise<string> {
  let crc = 0xffff_ffff;
  for await (const bytes of createReadStream(path)) {
    for (const byte of bytes as Buffer) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE((crc ^ 0xffff_ffff) >>> 0);
  return sum.toString('hex');
}

/** Of the polynomial of Castagnoli, its bits turned over. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});
