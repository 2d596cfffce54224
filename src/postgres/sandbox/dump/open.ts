// A dump of pg_dump: what it is, what it says of itself, and the programs that load it.
import {
  existsSync,
  openSync,
  closeSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { BackupOf } from '../../../drill/restore/backups.ts';
import type { RestoreFinding } from '../../../evidence/backup/restore-form.ts';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { findProgram } from '../../../host/files.ts';
import { runToEnd } from '../../../host/process/run-to-end.ts';
import { UserError } from '../../../screen/user-error.ts';
import { ownerOf } from '../../server/identity.ts';
import { placesOfVersion } from '../../server/programs-of-version.ts';
import { refuseKilled } from '../deadline.ts';
import { requireReadable } from '../source/folder.ts';
import { bytesBelow } from '../source/lay-backup.ts';
import type { Opening } from '../source/source.ts';
import {
  formatOfFile,
  readBeginning,
  readListing,
  type DumpFacts,
  type DumpFormat,
} from './form.ts';
import { beginningOf } from './whole.ts';

const LIST_AT_MOST_MS = 60_000;
const HEAD_BYTES = 16;

export interface Dump {
  readonly path: string;
  readonly format: DumpFormat;
  readonly bytes: number;
  readonly facts: DumpFacts;
  /** Of the server that it is loaded into. */
  readonly major: string;
  /** `pg_restore`, or `psql` for one that is SQL. */
  readonly program: string;
}

type Stated = BackupOf<'pg_dump'>;

/** A finding says why there is nothing that could be loaded. */
export async function openDump(
  stated: Stated,
  database: string,
  opening: Opening,
): Promise<Dump | RestoreFinding> {
  const path = pathOf(stated.path, opening.directory);
  const isFolder = statSync(path).isDirectory();
  const some = isFolder ? join(path, 'toc.dat') : path;
  await requireReadable(some, 'the dump', ownerOf(opening.identity));
  const format = isFolder ? 'directory' : formatOfFile(headOf(path));
  const beginning = format === 'sql' ? await beginningOf(path) : null;
  if (beginning !== null && 'damage' in beginning) return damaged(path, beginning.damage);
  const found =
    beginning === null ? await list(path, stated, opening) : readBeginning(beginning.text);
  if (typeof found === 'string') {
    // A file of SQL may be anything; what is a dump by its first bytes cannot be read.
    if (format === 'sql') throw unexpected(path, found);
    return damaged(path, found);
  }
  if (found.creates !== null && found.creates !== database) {
    const expected = `expected ${found.creates}, which the dump makes for itself (--create)`;
    throw new UserError(`database: ${expected}, found ${database}`);
  }
  const major = String(stated.major ?? found.major);
  const name = format === 'sql' ? 'psql' : 'pg_restore';
  const program = programOf(name, major, opening);
  const bytes = isFolder ? bytesBelow(path) : statSync(path).size;
  return { path, format, bytes, facts: found, major, program };
}

function damaged(path: string, why: string): RestoreFinding {
  return { code: 'damaged-backup', text: `${path}: ${why}` };
}

function pathOf(stated: string, directory: string): string {
  const path = resolve(directory, stated);
  if (!existsSync(path)) throw unexpected(path, 'nothing');
  const kind = statSync(path);
  // To open a pipe waits for somebody who writes to it.
  if (!kind.isFile() && !kind.isDirectory()) throw unexpected(path, 'neither a file nor a folder');
  if (kind.isDirectory() && !existsSync(join(path, 'toc.dat'))) {
    throw unexpected(path, `a folder without toc.dat: ${readdirSync(path).join(', ')}`);
  }
  return realpathSync(path);
}

function unexpected(path: string, found: string): UserError {
  return new UserError(`backup.path: expected what pg_dump wrote at ${path}, found ${found}`);
}

/** It has to be one that knows the form: of the dump's version, or newer. */
async function list(path: string, { major }: Stated, opening: Opening) {
  const program = programOf('pg_restore', major === undefined ? null : String(major), opening);
  const environment = { ...opening.environment, TZ: 'UTC', LC_ALL: 'C' };
  const options = { environment, owner: ownerOf(opening.identity), atMost_ms: LIST_AT_MOST_MS };
  const { stdout, all, problem } = await runToEnd(program, ['--list', path], options);
  refuseKilled(path, `its contents within ${LIST_AT_MOST_MS / 1000} s`, problem);
  return problem === null ? readListing(stdout) : all.trim() || problem;
}

/** Of that version where it is there, since a newer one says what an older server does not know. */
function programOf(name: string, major: string | null, { environment }: Opening): string {
  const places = major === null ? [] : placesOfVersion(major).map((bin) => join(bin, name));
  const found = places.find((each) => existsSync(each)) ?? findProgram(name, environment['PATH']);
  if (found !== null) return found;
  throw new EnvironmentError({
    what: 'a dump of pg_dump',
    expected: `the program ${name}, which loads it`,
    found: 'none on PATH',
    hint: `apt-get install postgresql-client${major === null ? '' : `-${major}`}`,
  });
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
