// The programs of the stacks, where Debian's packages put them, and the tests that need them.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from 'mocha';
import { findProgram } from '../../../src/host/files.ts';
import { requirePart } from '../require.ts';

const VERSIONS = '/usr/lib/postgresql';
/** Besides the servers: what their operators type. */
const OPERATORS = ['pg_basebackup', 'pg_ctl', 'pg_rewind', 'psql', 'initdb'];

/** From `bin`. */
export const AUTO_FAILOVER = '../lib/pgautofailover.so';

/** `bin` of the newest PostgreSQL that has these programs; null where there is none. */
function findPostgres(programs: readonly string[]): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a));
  const bins = newest.map((version) => join(VERSIONS, version, 'bin'));
  const isWhole = (bin: string) =>
    [...OPERATORS, ...programs].every((program) => existsSync(join(bin, program)));
  return bins.find(isWhole) ?? null;
}

/** Where an ordinary user's PATH may not lead. */
const findAnywhere = (name: string) => findProgram(name, `${process.env['PATH']}:/usr/sbin`);

/** Throws where there is none: `require…` comes first. */
export function locatePostgres(...programs: string[]): string {
  const bin = findPostgres(programs);
  if (bin === null) throw new Error(`no PostgreSQL with ${programs.join(', ')} in ${VERSIONS}`);
  return bin;
}

/** Of repmgr, and of two servers alone: PostgreSQL is in the same packages. */
export function requireRepmgr(context: Context): void {
  const isFound = findPostgres(['repmgr', 'repmgrd']) !== null;
  requirePart(context, 'repmgr', isFound, 'the package postgresql-15-repmgr is not installed');
}

export function requirePatroni(context: Context): void {
  const missing = ['patroni', 'etcd', 'etcdctl', 'haproxy'].filter(
    (name) => findAnywhere(name) === null,
  );
  if (findPostgres([]) === null) missing.unshift('PostgreSQL');
  requirePart(context, 'patroni', missing.length === 0, `${missing.join(', ')}: not found`);
}

/** Beside two servers. */
export function requirePgbouncer(context: Context): void {
  requireRepmgr(context);
  requirePart(context, 'pgbouncer', findAnywhere('pgbouncer') !== null, 'pgbouncer: not found');
}

export function requireAutoFailover(context: Context): void {
  const isFound = findPostgres([AUTO_FAILOVER]) !== null && findAnywhere('pg_autoctl') !== null;
  const missing = 'the packages postgresql-15-auto-failover and pg-auto-failover-cli are not there';
  requirePart(context, 'pg_auto_failover', isFound, missing);
}

/** The real command of AWS, and what stands in for AWS behind it. */
export function requireAws(context: Context): void {
  const missing = ['aws', 'moto_server'].filter((name) => findAnywhere(name) === null);
  requirePart(context, 'aws', missing.length === 0, `${missing.join(', ')}: not found`);
}

export function requireKubectl(context: Context): void {
  requirePart(context, 'kubectl', findAnywhere('kubectl') !== null, 'kubectl: not found');
}

/** The directory of a program. */
export function directoryOf(name: string): string {
  const path = findAnywhere(name);
  if (path === null) throw new Error(`no ${name} on PATH`);
  return dirname(path);
}
