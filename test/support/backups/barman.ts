// What Barman keeps of a cluster that runs, made by its own program.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { findProgram } from '../../../src/host/files.ts';
import { requirePart } from '../require.ts';
import { Team } from './team.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';

export const SERVER = 'pg';

export function requireBarman(context: Context): void {
  const isFound = findProgram('barman', process.env['PATH']) !== null;
  requirePart(context, 'barman', isFound, 'the package barman is not installed');
}

export interface Barman {
  readonly team: Team;
  /** Of the server. */
  readonly folder: string;
  barman(...words: readonly string[]): Promise<string>;
  /** As the team itself would. */
  restoreInto(data: string): Promise<void>;
}

/** `rsync` has no manifest of PostgreSQL; `postgres` is pg_basebackup. */
export async function startBarman(
  method: 'rsync' | 'postgres',
  compression: 'gzip' | 'none' = 'gzip',
): Promise<Barman> {
  const team = await Team.start((made) => {
    const { directory, place } = made;
    const home = join(directory, 'barman');
    const conninfo = `host=${directory} user=postgres`;
    const packed = compression === 'none' ? '' : `compression = ${compression}\n`;
    const rsync = `backup_method = local-rsync\nreuse_backup = link\n`;
    const own = method === 'rsync' ? rsync : 'backup_method = postgres\n';
    place.write(
      'barman.conf',
      `[barman]
barman_user = ${databaseIdentity().name}
barman_home = ${home}
barman_lock_directory = ${home}
log_file = ${directory}/barman.log
[${SERVER}]
description = in test
conninfo = ${conninfo} dbname=postgres
streaming_conninfo = ${conninfo}
archiver = on
immediate_checkpoint = true
${packed}${own}`,
    );
    return `archive_command = 'test -d ${home}/${SERVER}/incoming && cp %p ${home}/${SERVER}/incoming/%f'\n`;
  });
  const barman = async (...words: readonly string[]) =>
    await team.run('barman', ['-c', join(team.directory, 'barman.conf'), ...words]);
  await team.run('mkdir', ['-p', join(team.directory, 'barman')]);
  // It makes its folders, finds them empty, and takes no backup before the first segment is filed.
  await barman('check', SERVER).catch(() => {});
  await team.archive();
  await barman('archive-wal', SERVER);
  return {
    team,
    folder: join(team.directory, 'barman', SERVER),
    barman,
    restoreInto: async (data) => {
      await barman('recover', SERVER, 'latest', data);
      appendFileSync(join(data, 'postgresql.auto.conf'), 'archive_mode = off\n');
    },
  };
}
