// Reads drill files and the configuration file from the disk, with a bound on their size.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../drill/file/diagnostic.ts';
import { FILE_BYTES_MAX, type SourceFile } from '../drill/file/yaml-source.ts';
import { readStandardInput } from '../host/standard-input.ts';

/** Stands for the standard input, as a name of a file. */
export const STANDARD_INPUT = '-';
export const CONFIG_FILE = 'drill.config.yaml';

/** A file that could not be read, and why. */
export interface Unread {
  readonly file: string;
  readonly problem: 'missing' | 'unreadable';
  readonly message: string;
}

/** `drill.config.yaml` of the folder; null where there is none. */
export async function readConfigSource(directory: string): Promise<SourceFile | Unread | null> {
  const source = await readSource(CONFIG_FILE, directory);
  return 'problem' in source && source.problem === 'missing' ? null : source;
}

export function unreadDiagnostic({ file, message }: Unread, hint = ''): Diagnostic {
  const text = `${message}${hint}`;
  return { severity: 'error', path: '', message: text, source: file, place: null };
}

/** Never reads more than a drill file may have, and never waits for a pipe. */
export async function readSource(file: string, directory: string): Promise<SourceFile | Unread> {
  const path = resolve(directory, file);
  const unread = (problem: Unread['problem'], message: string) => ({ file, problem, message });
  try {
    if (file === STANDARD_INPUT) {
      const bytes = await readStandardInput(FILE_BYTES_MAX + 1);
      if (bytes === null) return unread('unreadable', 'standard input is a terminal; name a file');
      return { file, bytes };
    }
    // O_NONBLOCK: opening a named pipe without a writer would wait for ever.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isDirectory()) return unread('unreadable', 'this is a folder; expected a YAML file');
    if (!facts.isFile())
      return unread('unreadable', 'this is no ordinary file; expected a YAML file');
    const buffer = new Uint8Array(FILE_BYTES_MAX + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const tooLong = facts.size > FILE_BYTES_MAX;
    if (tooLong) return unread('unreadable', tooLongMessage(facts.size));
    return { file, bytes: buffer.subarray(0, bytesRead) };
  } catch (error) {
    return unread(...errorMessage(error as NodeJS.ErrnoException));
  }
}

function tooLongMessage(bytes: number): string {
  return `the file has ${bytes} bytes; at most ${FILE_BYTES_MAX} (1 MiB) are read`;
}

function errorMessage(error: NodeJS.ErrnoException): [Unread['problem'], string] {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return ['missing', 'there is no such file'];
    case 'EACCES':
    case 'EPERM':
      return ['unreadable', 'this user may not read the file'];
    default:
      return ['unreadable', `the file cannot be read: ${error.message}`];
  }
}
