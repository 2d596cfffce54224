// The days that a service here has taken from a queue that it shares with others: a file beside the
// record, so that the next service here goes on with the day, or tells what came of it.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../../host/durable.ts';
import { makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { dayJobIn } from '../../queue/day-job.ts';
import type { Taken } from '../../queue/holders.ts';
import { gameDayFolder } from './day-files.ts';

const FILE_BYTES = 32 * 2 ** 20;
const END = '.taken';

function fileOf(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}${END}`);
}

export function noteMine(runs: string, id: string, taken: Taken): void {
  makeDirectories(gameDayFolder(runs));
  writeDurably(fileOf(runs, id), `${JSON.stringify(taken)}\n`, { mode: 0o600 });
}

export function forgetMine(runs: string, id: string): void {
  rmSync(fileOf(runs, id), { force: true });
}

export function listMine(runs: string): Taken[] {
  return namesIn(gameDayFolder(runs)).flatMap((name) => {
    try {
      const file = join(gameDayFolder(runs), name);
      const taken = JSON.parse(readPlainFile(file, FILE_BYTES).toString('utf8')) as Taken;
      return dayJobIn(taken.body) === null ? [] : [taken];
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(END));
  } catch {
    return [];
  }
}
