// A database directory made once for each build of PostgreSQL and copied for every run: initdb
// takes more than a second of processor time, a copy some 20 ms. One that is damaged is made anew.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../host/environment-error.ts';
import { freeBytes, makePrivateDirectory, removeTree, writePrivateFile } from '../../host/files.ts';
import { makeMarkedDirectory } from '../../host/tree/marked-directory.ts';
import { partFailure } from '../../host/machine/last-words.ts';
import { syncTree } from '../../host/durable.ts';
import { sealTree, treeDamage } from '../../host/tree/whole-tree.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { RUN_MARK, type ProcessEnvironment } from '../../host/process/processes.ts';
import type { PostgresBinaries } from './binaries.ts';
import { claimWorkshop, putInPlace } from './cache.ts';
import { ownerOf, type Identity } from './identity.ts';
import { newPassword } from './scram.ts';

/** Goes up when a template is made differently. */
const FORM = 3;
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
  /**
   * Told before the template is made, with the directory that it is made in, which whoever asked
   * removes where that fails, and with what is wrong with the one that is there.
   */
  readonly onFirstRun: (directory: string, damage: string | null) => Promise<void>;
}

/**
 * The template, made if there is none. Each maker works in a directory of its own and renames it
 * into place when it is complete: two first runs do not meet, a half-made one is never seen, and no
 * lock can be left behind.
 */
export async function ensureTemplate(options: TemplateOptions): Promise<Template> {
  const { binaries, identity, cache } = options;
  const kept = placeOf(cache, binaries, identity);
  const { state, damage } = lookAtTemplate(cache, binaries, identity);
  if (state === 'ready') return readTemplate(kept);
  requireRoom(cache);
  const half = claimWorkshop(kept);
  await options.onFirstRun(half, damage);
  const isWhole = () => treeDamage(kept, [identity.uid]) === null;
  try {
    await makeTemplate(half, options);
    putInPlace(half, kept, isWhole);
  } catch (error) {
    // Half-made it stays: what was stopped in it may hold shared memory, which is freed there.
    if (!isWhole()) throw error;
  }
  removeTree(half);
  return readTemplate(kept);
}

export interface TemplateLook {
  readonly state: 'ready' | 'none' | 'damaged';
  /** Where it is, or will be. */
  readonly kept: string;
  /** What is wrong with it, such as a cleaner of old files leaves behind. */
  readonly damage: string | null;
}

/** The template for this build and user, as it is now. */
export function lookAtTemplate(
  cache: string,
  binaries: PostgresBinaries,
  identity: Identity,
): TemplateLook {
  const kept = placeOf(cache, binaries, identity);
  if (!existsSync(kept)) return { state: 'none', kept, damage: null };
  const damage = treeDamage(kept, [identity.uid]);
  return { state: damage === null ? 'ready' : 'damaged', kept, damage };
}

/** Where the template for this build and user is, or will be. */
export function placeOf(cache: string, { build }: PostgresBinaries, { uid }: Identity): string {
  return join(cache, `template-${FORM}-${build}-${uid}`);
}

export function readTemplate(kept: string): Template {
  return { data: join(kept, 'data'), password: readFileSync(join(kept, 'password'), 'utf8') };
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
  await syncTree(half); // a power cut must not leave files that only look written
  await sealTree(half);
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
  return partFailure({
    what: 'the PostgreSQL template',
    expected: `${program} to succeed`,
    found: 'it failed',
    hint: 'see its output; `drill doctor` checks what it needs',
    log: output.trimEnd().split('\n'),
  });
}
