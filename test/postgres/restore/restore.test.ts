// Restores from a repository, on real servers: what comes back is exactly what the log holds up to
// the target, and what cannot be restored says so and leaves nothing running.
import { expect } from 'chai';
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyTree, writePrivateFile } from '../../../src/host/files.ts';
import { postgresBelow } from '../../../src/host/process/processes.ts';
import { checkArchive } from '../../../src/postgres/backup/archiver.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { until } from '../../../src/host/clock.ts';
import { parseLsn, segmentName } from '../../../src/postgres/server/lsn.ts';
import { ownerOf } from '../../../src/postgres/server/identity.ts';
import type { RestoreTarget } from '../../../src/evidence/restore.ts';
import { startRecovering } from '../../../src/postgres/restore/restored-server.ts';
import { writeConfiguration } from '../../../src/postgres/server/settings.ts';
import type { BackupFacts } from '../../../src/postgres/repository/layout.ts';
import { DATABASE } from '../../../src/postgres/server/template.ts';
import { callsIn } from '../../support/postgres/restore-calls.ts';
import {
  Stored,
  clock,
  failureOf,
  identity,
  idsOf,
  insertRows,
  rowsOf,
} from '../../support/postgres/stored.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
const ROWS = { before: 100, between: 80, after: 60, last: 40 };

describe('a restore from archived log', function () {
  this.timeout(120_000);
  let stored: Stored;
  let lsn: string;
  let time: string;
  let copies = 0;

  /** Rows, a backup, rows, an operator's mistake, rows, a backup, rows; then the region is lost. */
  before(async () => {
    stored = await Stored.start({ wal: 'archive' });
    const { database } = stored;
    await insertRows(stored, 1, ROWS.before);
    await stored.backup();
    await insertRows(stored, 2, ROWS.between);
    const point = `select pg_create_restore_point('before-the-mistake'), clock_timestamp() as time,
      pg_current_wal_insert_lsn()::text as lsn`;
    const [at] = await database.query<{ time: Date; lsn: string }>(point);
    lsn = at!.lsn;
    await clock.sleep(20);
    time = new Date(at!.time.getTime() + 10).toISOString();
    await database.query('delete from orders where writer = 1');
    await insertRows(stored, 3, ROWS.after);
    await stored.backup();
    await insertRows(stored, 4, ROWS.last);
    const primary = { ...database.address(), ...database.credentials.admin };
    const log = async () => (await stored.state()).wal;
    await checkArchive({ primary, stored: log, clock, at_most_ms: 30_000 }, 'last');
    await stored.kill();
    await stored.hold();
  });
  after(() => stored.stop());

  const undamaged = () => [...idsOf(1, ROWS.before), ...idsOf(2, ROWS.between)];
  const everything = () => {
    return [...idsOf(2, ROWS.between), ...idsOf(3, ROWS.after), ...idsOf(4, ROWS.last)];
  };
  /** A repository of its own to be damaged. */
  const copyOfRepository = async () => {
    const copy = join(stored.directory, `copy-${(copies += 1)}`);
    await copyTree(stored.repository, copy);
    return copy;
  };
  const flip = (file: string, at: number) => {
    const bytes = readFileSync(file);
    bytes[at]! ^= 1;
    writeFileSync(file, bytes);
  };
  const nothingRuns = () => {
    const left = readdirSync(stored.directory).filter((name) => /^restored-\d+$/.test(name));
    return left.flatMap((name) => postgresBelow(join(stored.directory, name)));
  };

  it('replays all of it from the newest backup, mistakes included', async () => {
    const restored = await stored.restore();
    expect(restored).to.include({ backup: 'base-0002', timeline: 2 });
    expect(restored.problems).to.deep.equal([]);
    expect(await rowsOf(stored, restored)).to.have.members(everything());
    await restored.server.stop();
  });

  it('neither archives, nor receives, nor waits for the standby that the lost primary had', async () => {
    const settings = {
      archive_mode: 'on',
      archive_command: 'false',
      primary_conninfo: 'host=127.0.0.1 port=1',
      synchronous_standby_names: '*',
    };
    const base = (await stored.restoring()).settings;
    const { server } = await stored.restore({ by: 'all' }, { settings: { ...base, ...settings } });
    const { credentials } = stored.database;
    const { host, port } = server;
    const address = { host, port, database: DATABASE, ...credentials.admin };
    const shown = await withConnection(address, { connect_ms: 5_000, statement_ms: 5_000 }, (c) =>
      c.query(`select name, setting from pg_settings where name = any($1) order by 1`, [
        Object.keys(settings),
      ]),
    );
    expect(shown.rows).to.deep.equal([
      { name: 'archive_command', setting: '(disabled)' },
      { name: 'archive_mode', setting: 'off' },
      { name: 'primary_conninfo', setting: '' },
      { name: 'synchronous_standby_names', setting: '' },
    ]);
    await server.stop();
  });

  const points: [string, () => RestoreTarget][] = [
    ['a position', () => ({ by: 'lsn', lsn, inclusive: true })],
    ['just before a position', () => ({ by: 'lsn', lsn, inclusive: false })],
    ['a time', () => ({ by: 'time', time, inclusive: true })],
    ['just before a time', () => ({ by: 'time', time, inclusive: false })],
    ['a restore point', () => ({ by: 'name', name: 'before-the-mistake' })],
  ];
  for (const [words, target] of points) {
    it(`goes up to ${words} and no further, from the backup that lies before it`, async () => {
      const restored = await stored.restore(target());
      expect(restored).to.include({ backup: 'base-0001', timeline: 2 });
      expect(await rowsOf(stored, restored)).to.have.members(undamaged());
      await restored.server.stop();
    });
  }

  it('says how far the log goes where it does not reach the target', async () => {
    const far: RestoreTarget[] = [
      { by: 'lsn', lsn: '7/0', inclusive: true },
      { by: 'time', time: '2100-01-01T00:00:00Z', inclusive: true },
      { by: 'name', name: 'never made' },
    ];
    const said = [];
    for (const target of far) said.push((await failureOf(stored.restore(target))).message);
    const end = /cannot be restored: the log in the storage ends at 0\/[0-9A-F]+, its last trans/;
    for (const message of said) expect(message).to.match(end);
    expect(said[0]).to.match(/^the position 7\/0 cannot/);
    expect(said[1]).to.match(/^the time 2100-01-01T00:00:00Z cannot/);
    expect(said[2]).to.match(/^the restore point "never made" cannot/);
    expect(nothingRuns()).to.deep.equal([]);
  });

  it('says that a target lies before the oldest backup', async () => {
    const early: RestoreTarget[] = [
      { by: 'lsn', lsn: '0/1000028', inclusive: false },
      { by: 'time', time: '2020-01-01T00:00:00Z', inclusive: true },
    ];
    for (const target of early) {
      const { message } = await failureOf(stored.restore(target));
      expect(message).to.match(/it lies before the end of the oldest base backup \(base-0001, /);
    }
    expect(nothingRuns()).to.deep.equal([]);
  });

  it('refuses a damaged backup and takes the one before it; with none that is sound it fails', async () => {
    const repository = await copyOfRepository();
    flip(join(repository, 'backups/base-0002/global/pg_control'), 100);
    const restored = await stored.restore({ by: 'all' }, { repository });
    expect(restored.backup).to.equal('base-0001');
    expect(restored.problems).to.deep.equal([
      'base-0002: global/pg_control: its SHA-256 sum differs',
    ]);
    expect(await rowsOf(stored, restored)).to.have.members(everything());
    await restored.server.stop();
    rmSync(join(repository, 'backups/base-0001/PG_VERSION'));
    const { message } = await failureOf(stored.restore({ by: 'all' }, { repository }));
    expect(message).to.match(
      /expected a base backup that is sound, found .*base-0001: PG_VERSION: missing/,
    );
    rmSync(join(repository, 'backups'), { recursive: true });
    await copyTree(join(stored.repository, 'wal'), join(repository, 'backups'));
    const none = await failureOf(stored.restore({ by: 'all' }, { repository }));
    expect(none.message).to.contain('expected a base backup in the storage, found none');
  });

  it('tells of log that is missing, or damaged, in the middle: replay ends there without a word', async () => {
    const [missing, damaged] = [await copyOfRepository(), await copyOfRepository()];
    const file = join(stored.repository, 'backups/base-0001.json');
    const { end_lsn } = JSON.parse(readFileSync(file, 'utf8')) as BackupFacts;
    // The backup itself carries the log up to its end: the segment after that is the one to lose.
    const next = parseLsn(end_lsn) + BigInt(SEGMENT_BYTES);
    const segment = segmentName(1, next, SEGMENT_BYTES);
    rmSync(join(missing, 'wal', segment));
    flip(join(damaged, 'wal', segment), 300);
    for (const copy of [missing, damaged]) {
      rmSync(join(copy, 'backups/base-0002.json'));
      const restored = await stored.restore({ by: 'all' }, { repository: copy });
      const expected = copy === missing ? `segment ${segment} is missing` : 'replay ended at 0/';
      expect(restored.problems.join('; ')).to.contain(expected);
      await restored.server.stop();
    }
  });

  it('goes by the log that the backup carries where the storage has less', async () => {
    const repository = await copyOfRepository();
    const wal = join(repository, 'wal');
    rmSync(join(repository, 'backups/base-0002.json'));
    const facts = JSON.parse(
      readFileSync(join(repository, 'backups/base-0001.json'), 'utf8'),
    ) as BackupFacts;
    for (const name of readdirSync(wal)) rmSync(join(wal, name));
    const name = segmentName(1, parseLsn(facts.lsn), SEGMENT_BYTES);
    writeFileSync(join(wal, `${name}.partial`), Buffer.alloc(SEGMENT_BYTES));
    const restored = await stored.restore({ by: 'all' }, { repository });
    expect(restored).to.deep.include({ log_end: facts.end_lsn, problems: [] });
    expect(await rowsOf(stored, restored)).to.have.members(idsOf(1, ROWS.before));
    await restored.server.stop();
  });

  it('fails rather than ends early where log is there and cannot be read', async () => {
    const repository = await copyOfRepository();
    const last = readdirSync(join(repository, 'wal')).sort().at(-1)!;
    const file = join(repository, 'wal', last);
    if (identity.isOther) chownSync(file, 0, 0);
    chmodSync(file, identity.isOther ? 0o600 : 0);
    const { message } = await failureOf(stored.restore({ by: 'all' }, { repository }));
    expect(message).to.match(
      /^the end of the log cannot be restored: PostgreSQL: could not restore/,
    );
    expect(nothingRuns()).to.deep.equal([]);
  });

  it('is asked for few files, and answers at once for those that are not there', async () => {
    const settings = { ...(await stored.restoring()).settings, log_min_messages: 'debug3' };
    const logFile = join(stored.directory, 'verbose.log');
    const { server } = await stored.restore({ by: 'all' }, { settings, logFile });
    await server.stop();
    const calls = callsIn(readFileSync(logFile, 'utf8'));
    const segments = readdirSync(join(stored.repository, 'wal')).length;
    expect(calls.length).to.be.within(3, segments + 6);
    const absent = calls.filter((call) => !call.found);
    expect(absent.length).to.be.within(1, 6);
    // A command that takes a second for each costs the recovery as many seconds.
    const spent = calls.reduce((sum, { ms }) => sum + ms, 0);
    expect(Math.max(...absent.map(({ ms }) => ms))).to.be.below(500);
    expect(spent).to.be.below(500 * calls.length);
  });

  it('tells a server that is paused at its target from one that takes writes', async () => {
    const options = await stored.restoring();
    await copyTree(join(stored.repository, 'backups/base-0001'), options.data);
    const owner = ownerOf(identity);
    const paused = {
      ...options.settings,
      log_min_messages: 'debug3',
      restore_command: `sleep 0.6; cp ${join(stored.repository, 'wal')}/%f %p`,
      recovery_target_lsn: lsn,
      recovery_target_action: 'pause',
    };
    writeConfiguration(options.data, paused, options.admissions, owner);
    writePrivateFile(join(options.data, 'recovery.signal'), '', owner);
    const reach = ({ host, port }: { host: string; port: number }) => {
      return { host, port, database: DATABASE, ...options.admin };
    };
    const { message } = await failureOf(startRecovering(options, reach));
    expect(message).to.match(/^west\/postgres is paused at 0\/[0-9A-F]+ and takes no write: /);
    const said = readFileSync(options.logFile, 'utf8');
    expect(said).to.contain('ready to accept read-only connections');
    // A slow command would be seen by the test above.
    expect(Math.max(...callsIn(said).map(({ ms }) => ms))).to.be.above(500);
    expect(nothingRuns()).to.deep.equal([]);
  });

  it('stops when it is told to, and leaves no server and no directory', async () => {
    for (const isServerBegun of [false, true]) {
      const enough = new AbortController();
      const options = { ...(await stored.restoring()), signal: enough.signal };
      const failing = failureOf(stored.restore({ by: 'all' }, options));
      const hasBegun = async () => !isServerBegun || existsSync(options.logFile) || null;
      await until({ clock, deadline_ms: clock.now() + 30_000, every_ms: 1 }, hasBegun);
      enough.abort(new Error('enough'));
      expect((await failing).message).to.equal('enough');
      expect(existsSync(options.data)).to.equal(false);
    }
    expect(nothingRuns()).to.deep.equal([]);
  });

  it('changes nothing in the storage', async () => {
    const names = () => readdirSync(stored.repository, { recursive: true }).map(String).toSorted();
    const found = names();
    const { server } = await stored.restore();
    await server.stop();
    expect(names()).to.deep.equal(found);
  });
});
