// Segments that an archive keeps packed: by what they begin with, whatever they are called, and the
// program that unpacks them.
import { inShell } from '../../restore/restore-target.ts';

/** By the program, each of which unpacks to its output with `-dc`. */
const BEGINNINGS = {
  gzip: [0x1f, 0x8b],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  lz4: [0x04, 0x22, 0x4d, 0x18],
} as const;

export type Packer = keyof typeof BEGINNINGS;

/** How such files are called where their names say it. */
export const PACKED_NAME = /\.(gz|bz2|xz|zst|lz4)$/;

/** Null: it is not packed, as far as is known here. */
export function packerOf(head: Uint8Array): Packer | null {
  const packers = Object.entries(BEGINNINGS) as [Packer, readonly number[]][];
  return packers.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0] ?? null;
}

/** A shell's words that put `%f` at `%p`; what is packed is linked in its program's folder too. */
export function unpackingWords(view: string, packers: readonly Packer[]): string {
  const place = inShell(view);
  const ways = packers.map(
    (packer) => `test -f '${place}/${packer}/%f'; then ${packer} -dc '${place}/${packer}/%f' >'%p'`,
  );
  return `{ if ${ways.join('; elif ')}; else cp '${place}/%f' '%p'; fi; }`;
}
