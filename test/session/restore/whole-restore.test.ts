// The command on real backups: killed at any moment it leaves nothing that `drill clean` does not
// find, and what pg_basebackup of another version wrote is restored by that version's programs.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import type { RestoreResult } from '../../../src/evidence/backup/restore-form.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { requirePgbackrest, startPgbackrest, STANZA } from '../../support/backups/pgbackrest.ts';
import { it } from '../../support/commands.ts';
import { insertRows, Stored } from '../../support/postgres/stored.ts';
import { requirePart } from '../../support/require.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const KILLED_AFTER_MS = [150, 600, 1_000, 1_400, 1_800, 2_200];

describe('drill restore, the command', function () {
  this.timeout(180_000);

  it.full('leaves nothing after drill clean, killed at any moment', async () => {
    const stored = await Stored.start({ wal: 'archive' });
    try {
      await insertRows(stored, 1, 100);
      await stored.backup();
      await stored.hold();
      await killOften(fileOf(stored.repository));
    } finally {
      await stored.stop();
    }
  });

  it.full('leaves none of pgBackRest’s either', async function () {
    requirePgbackrest(this);
    const { team, repository, ...pgbackrest } = await startPgbackrest();
    try {
      await team.write(1_000);
      await pgbackrest.backup('full');
      await team.archive();
      await team.stopServer();
      const where = `kind: pgbackrest, path: ${repository}, stanza: ${STANZA}`;
      await killOften(`restore: 1\nname: killed\ndatabase: app\nbackup: { ${where} }\n`);
    } finally {
      await team.down();
    }
  });

  it.full(
    'restores tar files of pg_basebackup of another version, with its own sums',
    async function () {
      const bin = '/usr/lib/postgresql/15/bin';
      const isThere = existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'pg_basebackup'));
      requirePart(this, 'postgresql-15', isThere, `there is no server in ${bin}`);
      const place = mkdtempSync(join(tmpdir(), 'drill-backup-'));
      const { uid, gid, isOther } = databaseIdentity();
      chmodSync(place, 0o755);
      if (isOther) chownSync(place, uid, gid);
      const run = (program: string, ...args: string[]) => {
        const ids = isOther ? { uid, gid } : {};
        execFileSync(join(bin, program), args, { ...ids, stdio: 'ignore', cwd: place });
      };
      const [data, base] = [join(place, 'data'), join(place, 'base')];
      run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres');
      const settings = `listen_addresses = ''\nunix_socket_directories = '${place}'\nport = 5432\n`;
      appendFileSync(join(data, 'postgresql.conf'), settings);
      const work = new Workplace(
        `restore: 1\nname: tar\nbackup: { kind: basebackup, path: ${base} }\ntargets: { restore: 2m }\n`,
      );
      try {
        run('pg_ctl', '-D', data, '-w', '-l', join(place, 'log'), 'start');
        const sql = 'create table orders as select from generate_series(1, 1000)';
        run('psql', '-h', place, '-U', 'postgres', '-c', sql);
        const way = ['-h', place, '-U', 'postgres', '-D', base, '-c', 'fast'];
        run('pg_basebackup', ...way, '-F', 'tar', '-z');
        run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
        const { code, stdout } = await work.run(['restore', 'drill.yaml', '--json']);
        const { facts, verdict } = JSON.parse(stdout) as RestoreResult;
        expect(code, stdout).to.equal(0);
        expect(verdict).to.equal('pass');
        expect(facts.backup).to.include({ format: 'tar', major: '15' });
        expect(facts.server?.version).to.match(/^15\./);
      } finally {
        rmSync(place, { recursive: true, force: true });
        rmSync(work.directory, { recursive: true, force: true });
      }
    },
  );
});

/** Kills the drill of the file at each of the moments, and lets it end the last time. */
async function killOften(file: string): Promise<void> {
  const work = new Workplace(file);
  const env = { TMPDIR: openFolder() };
  try {
    for (const after_ms of KILLED_AFTER_MS) {
      const running = work.start(['restore', 'drill.yaml'], env);
      await hostClock().sleep(after_ms);
      running.child.kill('SIGKILL');
      await running.ended;
      await work.run(['clean'], env);
      expect(leftIn(env.TMPDIR), `killed after ${after_ms} ms`).to.deep.equal([]);
      expect(processesIn(env.TMPDIR)).to.equal('');
    }
    const ended = await work.run(['restore', 'drill.yaml', '--json'], env);
    expect(ended.stderr).to.include('look at what is in it');
    expect(ended.code, ended.stdout).to.equal(0);
  } finally {
    rmSync(env.TMPDIR, { recursive: true, force: true });
    rmSync(work.directory, { recursive: true, force: true });
  }
}

/** Command lines that name the folder. */
function processesIn(folder: string): string {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return all
    .split('\n')
    .filter((line) => line.includes(folder))
    .join('\n');
}

function fileOf(repository: string): string {
  const backup = `kind: basebackup, path: ${repository}/backups/base-0001, wal: ${repository}/wal`;
  return `restore: 1\nname: killed\ndatabase: orders\nbackup: { ${backup} }\n`;
}

/** A folder for temporary files that the user of the database gets into. */
function openFolder(): string {
  const temporary = mkdtempSync(join(tmpdir(), 'drill-t-'));
  chmodSync(temporary, 0o1777);
  return temporary;
}

function leftIn(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('drill-'));
}
