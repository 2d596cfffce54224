// A repository of pgBackRest, made by its own program of a cluster that runs.
import { join } from 'node:path';
import type { Context } from 'mocha';
import { findProgram } from '../../../src/host/files.ts';
import { requirePart } from '../require.ts';
import { Team } from './team.ts';

export const STANZA = 'demo';

export function requirePgbackrest(context: Context): void {
  const isFound = findProgram('pgbackrest', process.env['PATH']) !== null;
  requirePart(context, 'pgbackrest', isFound, 'the package pgbackrest is not installed');
}

export interface Pgbackrest {
  readonly team: Team;
  readonly repository: string;
  backup(type: 'full' | 'incr'): Promise<void>;
  /** As the team itself would, into a folder that must not exist. */
  restoreInto(data: string): Promise<void>;
}

/** `passphrase`: the repository is encrypted with it. */
export async function startPgbackrest(passphrase?: string): Promise<Pgbackrest> {
  const confOf = ({ directory }: Team) => join(directory, 'pgbackrest.conf');
  const wordsOf = (team: Team) => [`--config=${confOf(team)}`, `--stanza=${STANZA}`];
  const team = await Team.start((made) => {
    const { directory, data } = made;
    const cipher = `repo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=${passphrase}\n`;
    const global = `repo1-path=${directory}/repo\nlog-path=${directory}\nlock-path=${directory}/lock
start-fast=y\nrepo1-retention-full=9\nlog-level-console=warn\nrepo1-retention-archive=9\n`;
    const conf = `[global]\n${global}${passphrase === undefined ? '' : cipher}
[${STANZA}]\npg1-path=${data}\npg1-socket-path=${directory}\n`;
    made.place.write('pgbackrest.conf', conf);
    return `archive_command = 'pgbackrest ${wordsOf(made).join(' ')} archive-push %p'\n`;
  });
  await team.run('pgbackrest', [...wordsOf(team), 'stanza-create']);
  return {
    team,
    repository: join(team.directory, 'repo'),
    backup: async (type) => {
      await team.run('pgbackrest', [...wordsOf(team), `--type=${type}`, 'backup']);
    },
    restoreInto: async (data) => {
      await team.run('mkdir', ['-m', '700', data]);
      const archive = ['--archive-mode=off', `--pg1-path=${data}`];
      await team.run('pgbackrest', [...wordsOf(team), ...archive, 'restore']);
    },
  };
}
