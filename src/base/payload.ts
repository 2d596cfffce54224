// The payload of a write follows from seed and id, so that any altered copy shows. It is made of
// 32-bit words, each four letters a–p, so that a million of them can be checked in a fraction of a
// second.
import { mix32 } from './random.ts';

/** Two 32-bit halves of a payload's digest. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

const LETTERS = 0x61616161;
const NIBBLES = 0x0f0f0f0f;

/** The word after `word` in the stream (xorshift32; the state is never 0). */
function nextWord(word: number): number {
  word ^= word << 13;
  word ^= word >>> 17;
  word ^= word << 5;
  return word;
}

function firstWord(seed: number, writer: number, sequence: number): number {
  return mix32(seed, writer, sequence) | 1;
}

/** The payload text of one write: `bytes` ASCII letters, the same for the same seed and id. */
export function payloadOf(seed: number, writer: number, sequence: number, bytes: number): string {
  const buffer = Buffer.allocUnsafe(Math.ceil(bytes / 4) * 4);
  let word = firstWord(seed, writer, sequence);
  for (let at = 0; at < bytes; at += 4) {
    word = nextWord(word);
    buffer.writeUInt32LE(((word & NIBBLES) + LETTERS) >>> 0, at);
  }
  return buffer.toString('latin1', 0, bytes);
}

/** The digest that `payloadOf` with the same arguments has, without making the text. */
export function expectedDigest(
  seed: number,
  writer: number,
  sequence: number,
  bytes: number,
): Digest {
  let high = bytes >>> 0;
  let low = ~bytes >>> 0;
  let word = firstWord(seed, writer, sequence);
  for (let at = 0; at < bytes; at += 4) {
    word = nextWord(word);
    let letters = ((word & NIBBLES) + LETTERS) >>> 0;
    if (bytes - at < 4) letters &= 0xffffffff >>> (8 * (4 - (bytes - at)));
    high = Math.imul(high ^ letters, 0x85ebca6b);
    high ^= high >>> 15;
    low = Math.imul(low ^ letters, 0xc2b2ae35);
    low ^= low >>> 13;
  }
  return { high: high >>> 0, low: low >>> 0 };
}

/** The digest of payload bytes as they were read from a database, whatever they are. */
export function digestOf(payload: Uint8Array): Digest {
  const bytes = payload.length;
  let high = bytes >>> 0;
  let low = ~bytes >>> 0;
  for (let at = 0; at < bytes; at += 4) {
    let letters = 0;
    for (let i = 0; i < 4 && at + i < bytes; i++) letters |= payload[at + i]! << (8 * i);
    high = Math.imul(high ^ letters, 0x85ebca6b);
    high ^= high >>> 15;
    low = Math.imul(low ^ letters, 0xc2b2ae35);
    low ^= low >>> 13;
  }
  return { high: high >>> 0, low: low >>> 0 };
}
