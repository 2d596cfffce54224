// What a team has in its two servers, byte for byte and as PostgreSQL's own tools print it: tables,
// roles, settings. Who follows whom is left out, since a failover changes that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { query } from './orders.ts';
import { locatePostgres } from './programs.ts';
import type { NodeName, Stack } from './stack.ts';
import { runArgv } from './start.ts';

/** By what it is of: `east/db1 roles`. */
export type Theirs = Readonly<Record<string, string>>;

/** Different on a standby, and on one that was a primary before. */
const OF_FAILOVERS = ['in_hot_standby', 'primary_conninfo', 'transaction_read_only'];
const SETTINGS = `select name, setting, source, sourcefile, sourceline from pg_settings
  where name not in (${OF_FAILOVERS.map((name) => `'${name}'`).join(', ')}) order by name`;
const OF_ROLES = 'select * from pg_db_role_setting order by setdatabase, setrole';
const FILES = ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf', 'postgresql.auto.conf'];

export async function theirsIn(stack: Stack): Promise<Theirs> {
  const nodes = Object.keys(stack.admins) as NodeName[];
  const all = await Promise.all(nodes.map((node) => theirsOf(stack, node)));
  return Object.assign({}, ...all) as Theirs;
}

async function theirsOf({ admins, directory }: Stack, node: NodeName): Promise<Theirs> {
  const url = admins[node];
  const bin = locatePostgres('pg_dump', 'pg_dumpall');
  const found: Record<string, string> = {
    tables: plain(await runArgv([join(bin, 'pg_dump'), '-d', url])),
    roles: plain(await runArgv([join(bin, 'pg_dumpall'), '--globals-only', '-d', url])),
    settings: JSON.stringify(await query(url, SETTINGS)),
    'settings of roles': JSON.stringify(await query(url, OF_ROLES)),
  };
  for (const file of FILES) {
    const text = readFileSync(join(directory, node.split('/')[1]!, file), 'utf8');
    found[file] = text.replaceAll(/^primary_conninfo.*\n/gm, '');
  }
  return Object.fromEntries(
    Object.entries(found).map(([what, value]) => [`${node} ${what}`, value]),
  );
}

/** Without the word that a dump draws for itself. */
function plain(dump: string): string {
  return dump.replaceAll(/^\\(?:un)?restrict .*$/gm, '');
}

/** One takes writes, the other one follows it, and nobody else is asked for. */
export async function isWhole({ admins }: Stack): Promise<boolean> {
  const found = await Promise.all(
    Object.values(admins).map(async (url) => {
      const [row] = await query(
        url,
        `select pg_is_in_recovery() as standby,
           exists (select from pg_stat_wal_receiver where status = 'streaming') as follows`,
      ).catch(() => [undefined]);
      return row === undefined ? 'gone' : row['standby'] !== true ? 'primary' : row['follows'];
    }),
  );
  return found.includes('primary') && found.includes(true);
}
