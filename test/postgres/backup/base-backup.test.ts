// A base backup by protocol and its check, on a real server: whole, consistent under writes, and
// every kind of damage is found.
import { expect } from 'chai';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { verifyBackup } from '../../../src/postgres/backup/backup-manifest.ts';
import { takeBaseBackup } from '../../../src/postgres/backup/base-backup.ts';
import { locatePostgres } from '../../../src/postgres/server/binaries.ts';
import { openConnection } from '../../../src/postgres/server/connection.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import { startServer } from '../../../src/postgres/server/launcher.ts';
import { serverSettings, writeConfiguration } from '../../../src/postgres/server/settings.ts';
import { ADMIN } from '../../../src/postgres/server/template.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const never = new AbortController().signal;
const identity = databaseIdentity();

describe('a base backup over the protocol', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let place: string;
  before(async () => {
    database = await startTestDatabase({ replication: true });
    place = mkdtempSync(join(tmpdir(), 'drill-backup-'));
    chmodSync(place, 0o711);
  });
  after(async () => {
    await database.stop();
    rmSync(place, { recursive: true, force: true });
  });

  const newDirectory = (name: string): string => {
    const directory = join(place, name);
    mkdirSync(directory, { mode: 0o700 });
    const owner = ownerOf(identity);
    if (owner !== null) chownSync(directory, owner.uid, owner.gid);
    return directory;
  };
  const backUp = async (name: string, signal = never): Promise<string> => {
    const directory = newDirectory(name);
    const { host, port } = database;
    const from = { host, port, ...database.credentials.replication };
    await takeBaseBackup({ from, directory, owner: ownerOf(identity), signal });
    return directory;
  };

  it('is whole, and starts with every row that was committed before it began', async () => {
    const load = { isOver: false, committed: 0 };
    const writing = (async () => {
      for (; !load.isOver; load.committed++) {
        await database.query(
          `insert into orders (writer, sequence, payload, region)
           values (7, ${load.committed}, repeat('x', 2000), 'east')`,
        );
      }
    })();
    while (load.committed < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    const atLeast = load.committed;
    const directory = await backUp('whole');
    load.isOver = true;
    await writing;
    const verified = await verifyBackup(directory);
    expect(verified.problems).to.deep.equal([]);
    expect(verified.files).to.be.above(300);
    expect(await rowsIn(directory)).to.be.within(atLeast, load.committed);
  });

  async function rowsIn(directory: string): Promise<number> {
    const { bin } = await locatePostgres(process.env, identity);
    const admissions = [{ database: 'all', user: ADMIN }];
    writeConfiguration(directory, serverSettings(100), admissions, ownerOf(identity));
    const server = await startServer({
      title: 'a backup',
      bin,
      data: directory,
      identity,
      environment: process.env,
      logFile: join(place, 'backup.log'),
      clock: hostClock(),
      ready_ms: 20_000,
    });
    try {
      const address = { ...database.address(), ...database.credentials.admin, port: server.port };
      const client = await openConnection(address, { connect_ms: 5_000, statement_ms: 5_000 });
      const sql = 'select count(*)::int as rows from orders where writer = 7';
      const { rows } = await client.query<{ rows: number }>(sql);
      await client.end();
      return rows[0]!.rows;
    } finally {
      await server.stop();
    }
  }

  it('is found damaged for a flipped byte, a missing file, one too many, a cut manifest', async () => {
    const directory = await backUp('damaged');
    const database = join(directory, 'base', readdirSync(join(directory, 'base'))[0]!);
    const files = readdirSync(database);
    const table = join(
      database,
      files.find((name) => /^\d+$/.test(name))!,
    );
    const problems = async () => (await verifyBackup(directory)).problems.join('\n');
    expect(await problems()).to.equal('');

    const sound = readFileSync(table);
    const flipped = Buffer.from(sound);
    flipped[100]! ^= 1;
    writeFileSync(table, flipped);
    expect(await problems()).to.match(/^base\/\d+\/\d+: its SHA-256 sum differs$/);
    writeFileSync(table, Buffer.concat([sound, sound]));
    expect(await problems()).to.match(/^base\/\d+\/\d+: \d+ bytes, expected \d+$/);
    renameSync(table, `${table}_away`);
    expect(await problems())
      .to.contain('_away: not in the manifest')
      .and.contain(': missing');
    renameSync(`${table}_away`, table);
    writeFileSync(table, sound);

    const log = join(directory, 'pg_wal');
    renameSync(log, join(place, 'pg_wal'));
    expect(await problems()).to.contain('no write-ahead log');
    renameSync(join(place, 'pg_wal'), log);
    expect(await problems()).to.equal('');
    appendFileSync(join(directory, 'backup_manifest'), 'x');
    const manifest = readFileSync(join(directory, 'backup_manifest'), 'utf8');
    writeFileSync(join(directory, 'backup_manifest'), manifest.replace('"Size": ', '"Size": 1'));
    expect(await problems()).to.equal('backup_manifest is damaged or not whole');
    rmSync(join(directory, 'backup_manifest'));
    expect(await problems()).to.equal('there is no backup_manifest');
  });

  it('fails with the reason: a role that may not, a directory that does not take it', async () => {
    const { host, port, credentials } = database;
    const directory = newDirectory('refused');
    const as = (role: { user: string; password: string }, into: string) =>
      takeBaseBackup({
        from: { host, port, ...role },
        directory: into,
        owner: ownerOf(identity),
        signal: never,
      });
    const refused = (await as(credentials.workload, directory).catch((e: Error) => e)) as Error;
    expect(refused.message).to.match(/pg_hba.conf|replication/);
    const missing = join(place, 'nowhere');
    const failed = (await as(credentials.replication, missing).catch((e: Error) => e)) as Error;
    expect(failed.message).to.match(/found that tar ended with 2: .*nowhere/);
  });

  it('stops when it is told to', async () => {
    for (const after_ms of [0, 5, 40]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('enough')), after_ms);
      const backing = backUp(`stopped-${after_ms}`, controller.signal);
      expect(((await backing.catch((e: Error) => e)) as Error).message).to.equal('enough');
    }
  });
});
