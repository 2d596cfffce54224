// The file of the token: made new, for this user alone, or somebody's own.
import { dirname } from 'node:path';
import { statSync } from 'node:fs';
import { makeDirectories, isThere, writePrivateFile } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { makeSecret } from '../../host/secret.ts';

const BYTES_MAX = 4_096;
/** Shorter ones can be guessed. */
const LETTERS_LEAST = 16;

export type Token = { readonly text: string } | { readonly problem: string };

/** `isOwn`: drill makes it where it is not there. */
export function tokenIn(file: string, isOwn: boolean): Token {
  try {
    if (isOwn && !isThere(file)) {
      makeDirectories(dirname(file));
      writePrivateFile(file, `${makeSecret()}\n`, null);
    }
    const text = readPlainFile(file, BYTES_MAX).toString('utf8').trim();
    if (!/^\S+$/.test(text) || text.length < LETTERS_LEAST) {
      return { problem: `${file} holds no token: one word of ${LETTERS_LEAST} letters or more` };
    }
    if ((statSync(file).mode & 0o077) !== 0) {
      return { problem: `others can read ${file}: chmod 600 ${file}` };
    }
    return { text };
  } catch (error) {
    return { problem: `${file} cannot be used: ${(error as Error).message}` };
  }
}
