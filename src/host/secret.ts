// Secrets of a run: made at random, compared so that the time it takes tells nothing.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 24;

/** Fit for a header, a path and a variable. */
export function makeSecret(): string {
  return randomBytes(BYTES).toString('hex');
}

/** Hashes are of one length. */
export function isSame(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(secret));
}
