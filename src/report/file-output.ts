// A file that a report is written to.
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories } from '../host/files.ts';
import type { Output } from '../screen/screen.ts';
import { UserError } from '../screen/user-error.ts';

/**
 * Replaces the file at the first write. Whether it can be written is found out now; `flag` is the
 * one that named it.
 */
export function fileOutput(path: string, flag: string): Output {
  try {
    makeDirectories(dirname(path));
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new Error('it is a folder');
    accessSync(existing === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw new UserError(`${flag}: cannot write ${path}: ${(error as Error).message}`);
  }
  return {
    write: (text) => writeFileSync(path, text),
    isTerminal: false,
    hasColour: false,
    columns: () => 80,
    rows: () => 24,
  };
}
