// A database directory made once for each build of PostgreSQL and copied for every run: initdb
// takes more than a second of processor time, a copy some 20 ms.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../host/environment-error.ts';
import {
  freeBytes,
  makeMarkedDirectory,
  makePrivateDirectory,
  removeTree,
  writePrivateFile,
} from '../../host/files.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { RUN_MARK, type ProcessEnvironment } from '../../host/process/processes.ts';
import type { PostgresBinaries } from './binaries.ts';
import { claimWorkshop, putInPlace } from './cache.ts';
import { ownerOf, type Identity } from './identity.ts';
import { newPassword } from './scram.ts';

/** Goes up when a template is made differently. */
const FORM = 2;
const MAKE_AT_MOST_MS = 120_000;
export const TEMPLATE_BYTES = 200 * 1024 * 1024;
/** The database of every drill, and the superuser that only the runner knows the password of. */
export const DATABASE = 'orders';
export const ADMIN = 'postgres';

export interface Template {
  readonly data: string;
  /** The superuser's password, in every copy until it is changed. */
  readonly password: string;
}

export interface TemplateOptions {
  readonly binaries: PostgresBinaries;
  readonly identity: Identity;
  readonly cache: string;
  /** The run's environment: it marks initdb as one of its processes. */
  readonly environment: ProcessEnvironment;
  readonly signal: AbortSignal;
  /** Told before the template is made, with the directory that it is made in. */
  readonly onFirstRun: (directory: string) => Promise<void>;
}

/**
 * The template, made if there is none. Each maker works in a directory of its own and renames it
 * into place when it is complete: two first runs do not meet, a half-made one is never seen, and no
 * lock can be left behind.
 */
export async function ensureTemplate(options: TemplateOptions): Promise<Template> {
  const { binaries, identity, cache } = options;
  const kept = join(cache, `template-${FORM}-${binaries.build}-${identity.uid}`);
  const ready = readTemplate(kept);
  if (ready !== null) return ready;
  requireRoom(cache);
  const half = claimWorkshop(kept);
  await options.onFirstRun(half);
  try {
    await makeTemplate(half, options);
    putInPlace(half, kept, () => readTemplate(kept) !== null);
  } catch (error) {
    if (readTemplate(kept) === null) throw error;
  } finally {
    removeTree(half);
  }
  return readTemplate(kept)!;
}

/** Whether a template is ready for this build and user. */
export function hasTemplate(
  cache: string,
  binaries: PostgresBinaries,
  identity: Identity,
): boolean {
  return readTemplate(join(cache, `template-${FORM}-${binaries.build}-${identity.uid}`)) !== null;
}

/** Null for an incomplete one too, such as a cleaner of old files leaves behind. */
function readTemplate(kept: string): Template | null {
  const data = join(kept, 'data');
  const secret = join(kept, 'password');
  if (!existsSync(secret) || !existsSync(join(data, 'PG_VERSION'))) return null;
  return { data, password: readFileSync(secret, 'utf8') };
}

function requireRoom(cache: string): void {
  const free = freeBytes(cache);
  if (free >= TEMPLATE_BYTES) return;
  throw new EnvironmentError({
    what: 'disk space for the PostgreSQL template',
    expected: `${TEMPLATE_BYTES >> 20} MB free in ${cache}`,
    found: `${free >> 20} MB`,
    hint: 'free some space, or name another directory: DRILL_CACHE=/some/where drill …',
  });
}

async function makeTemplate(half: string, options: TemplateOptions): Promise<void> {
  const { identity, binaries } = options;
  const owner = ownerOf(identity);
  const password = newPassword();
  const data = join(half, 'data');
  const secret = join(half, 'initial');
  makeMarkedDirectory(half, options.environment[RUN_MARK] ?? '', 0o755);
  makePrivateDirectory(data, owner);
  writePrivateFile(secret, password, owner);
  const login = ['-U', ADMIN, '-A', 'scram-sha-256', `--pwfile=${secret}`];
  // A locale of the machine may be absent or broken; UTF-8 without one works everywhere.
  const form = ['--no-locale', '-E', 'UTF8', '--data-checksums', '--no-sync', '--no-instructions'];
  await runAs(options, join(binaries.bin, 'initdb'), ['-D', data, ...login, ...form], '');
  removeTree(secret);
  await single(options, data, 'postgres', `create database ${DATABASE}\n`);
  await single(options, data, DATABASE, `create extension amcheck\n${DROP_OTHERS}`);
  writePrivateFile(join(half, 'password'), password, null);
}

/**
 * Two thirds of a cluster's files belong to the databases that nobody uses in a drill. Every run
 * copies them twice, measures them and removes them.
 */
const DROP_OTHERS = `update pg_database set datistemplate = false
${['template0', 'template1', 'postgres'].map((name) => `drop database ${name}\n`).join('')}`;

/** Statements on a stopped server, without a port; one a line. */
async function single(options: TemplateOptions, data: string, database: string, sql: string) {
  const program = join(options.binaries.bin, 'postgres');
  const output = await runAs(options, program, ['--single', '-D', data, database], sql);
  // In this mode a failed statement is only logged; the exit code stays 0.
  if (/^.*\b(ERROR|FATAL|PANIC):/m.test(output)) throw failed(program, output);
}

async function runAs(
  { identity, environment, signal }: TemplateOptions,
  program: string,
  args: string[],
  input: string,
): Promise<string> {
  const { all, problem } = await runToEnd(program, args, {
    input,
    atMost_ms: MAKE_AT_MOST_MS,
    signal,
    environment: { ...environment, LC_ALL: 'C', TZ: 'UTC' },
    owner: ownerOf(identity),
  });
  signal.throwIfAborted();
  if (problem !== null) throw failed(program, all || problem);
  return all;
}

function failed(program: string, output: string): EnvironmentError {
  return new EnvironmentError({
    what: 'the PostgreSQL template',
    expected: `${program} to succeed`,
    found: 'it failed',
    hint: 'see its output; `drill doctor` checks what it needs',
    log: output.trimEnd().split('\n').slice(-10),
  });
}
