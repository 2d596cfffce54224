// Restore drills of real backups, on real servers: a good one passes, and whatever is wrong with one
// is told. The backup itself stays as it was, and nothing is left.
import { expect } from 'chai';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RestoreResult } from '../../../src/evidence/backup/restore-form.ts';
import { copyTree } from '../../../src/host/files.ts';
import { checkArchive } from '../../../src/postgres/backup/archiver.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { beat } from '../../../src/postgres/own/heartbeat.ts';
import { installHeartbeat } from '../../../src/session/restore/heartbeat.ts';
import { codesOf, drillIt } from '../../support/backups/drill-it.ts';
import { withSlow } from '../../support/backups/slow.ts';
import { stateOf } from '../../support/backups/team.ts';
import { it } from '../../support/commands.ts';
import { clock, insertRows, Stored } from '../../support/postgres/stored.ts';

const ROWS = { before: 100, after: 60, last: 40 };
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const ALL = ROWS.before + ROWS.after + ROWS.last;

describe('a restore drill', function () {
  this.timeout(120_000);
  let stored: Stored;
  let copies = 0;
  let beaten: Date;

  /** Rows, a backup, rows, a segment, rows, a segment; then the server is lost. */
  before(async () => {
    stored = await Stored.start({ wal: 'archive' });
    await insertRows(stored, 1, ROWS.before);
    await stored.backup();
    const { database } = stored;
    const own = { ...database.address(), ...database.credentials.admin };
    await installHeartbeat(own);
    beaten = await withConnection(own, LIMITS, beat);
    for (const [writer, rows] of [
      [2, ROWS.after],
      [3, ROWS.last],
    ] as const) {
      await insertRows(stored, writer, rows);
      await database.query('select pg_switch_wal()');
    }
    const primary = { ...database.address(), ...database.credentials.admin };
    const log = async () => (await stored.state()).wal;
    await checkArchive({ primary, stored: log, clock, at_most_ms: 30_000 }, 'last');
    await stored.kill();
    await stored.hold();
  });
  after(() => stored.stop());

  /** A copy of backup and log, to be damaged. */
  const copyOf = async () => {
    const place = join(stored.directory, `team-${(copies += 1)}`);
    await copyTree(stored.repository, place);
    return { base: join(place, 'backups', 'base-0001'), wal: join(place, 'wal'), place };
  };

  const drill = async (
    place: string,
    more = '',
    environment = process.env,
  ): Promise<RestoreResult> => {
    const backup = `kind: basebackup, path: ${place}/backups/base-0001, wal: ${place}/wal`;
    const text = `restore: 1\nname: in-test\ndatabase: orders\nbackup: { ${backup} }\n${more}`;
    return await drillIt(join(stored.directory, 'session'), text, environment);
  };

  it('passes with a good backup by the file that comes with drill, and changes nothing', async () => {
    const before = stateOf(stored.repository);
    const { repository } = stored;
    const shipped = new URL('../../../drills/attached/backup.yaml', import.meta.url);
    const text = readFileSync(shipped, 'utf8')
      .replace('/backups/base', `${repository}/backups/base-0001`)
      .replace('/backups/wal', `${repository}/wal`)
      .replace('database: postgres', 'database: orders');
    const checks = `
  - freshness: { query: select max(created) from orders, at_most: 1h }
  - rows: { table: orders, at_least: ${ALL} }
  - query: { sql: select count(*) from orders, expected: ${ALL} }
  - query:
      sql: >
        select string_agg(setting, ',' order by name) from pg_settings where name in ('archive_mode',
        'listen_addresses', 'max_logical_replication_workers', 'max_wal_senders', 'primary_conninfo',
        'restrict_nonsystem_relation_kind')
      expected: off,,0,0,,foreign-table
`;
    const result = await drillIt(join(stored.directory, 'session'), `${text}${checks}`);
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    expect(result.rpo).to.include({ by: 'transaction', low_ms: 0 });
    const states = result.facts.checks.map(({ state }) => state);
    expect(new Set(states)).to.deep.equal(new Set(['passed']));
    expect(stateOf(stored.repository)).to.deep.equal(before);
  });

  it.full('says that it was not finished where it is copied too long', async () => {
    const slow = withSlow(stored.directory, 'cp', '-a');
    const result = await drill(stored.repository, 'deadline: 2s\n', slow);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['not-finished']);
  });

  it('fails with a missing segment, and says how far it came', async () => {
    const { wal, place } = await copyOf();
    const missing = segmentsOf(wal).at(-2)!;
    rmSync(join(wal, missing));
    const result = await drill(place);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['missing-segment']);
    expect(result.reasons[0]).to.match(
      new RegExp(`^segment ${missing} is missing .* point that could be reached is 0/`),
    );
  });

  it('fails with a backup of another cluster, which is not even started', async () => {
    const { place } = await copyOf();
    const text = readFileSync(join(place, 'backups', 'base-0001.json'), 'utf8');
    const { system } = JSON.parse(text) as { system: string };
    const other = system.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    writeFileSync(join(place, 'identifier'), other);
    const files = `${place}/backups/base-0001, identifier: "${other}"`;
    const result = await drill(`${files}, wal: ${place}/wal }\n#`);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['other-cluster']);
    expect(result.facts.restored).to.equal(null);
  });

  it('fails with log of another cluster, or a timeline that is not of its future', async () => {
    const foreign = await copyOf();
    const last = segmentsOf(foreign.wal).at(-1)!;
    const file = join(foreign.wal, last);
    const bytes = readFileSync(file);
    bytes[24]! ^= 1; // of the system identifier
    writeFileSync(file, bytes);
    const other = await drill(foreign.place);
    expect(other.verdict).to.equal('fail');
    expect(codesOf(other)).to.include('other-cluster');
    const { wal, place } = await copyOf();
    writeFileSync(join(wal, '00000002.history'), '1\t0/1000000\tbefore the backup\n');
    const forked = await drill(place);
    expect(forked.verdict).to.equal('fail');
    expect(codesOf(forked)).to.deep.equal(['wrong-timeline']);
  });

  it('fails where the newest row is too old, and leaves an old backup without a heartbeat open', async () => {
    const stale = await drill(
      stored.repository,
      `targets: { rpo: 0s }
checks:
  - freshness: { query: "select now() - interval '1 day'", at_most: 1h }
  - freshness: { query: "select now() at time zone 'UTC'", at_most: 1h }
  - query: { sql: "select timestamp '2026-11-30 06:00:00'", expected: "2026-11-30 06:00:00" }
`,
    );
    const own = stale.facts.checks.slice(-3);
    expect(own.map(({ state }) => state)).to.deep.equal(['failed', 'skipped', 'passed']);
    expect(own[1]!.detail).to.include('a time without a zone, which proves nothing');
    expect(stale.verdict).to.equal('fail');
    expect(stale.gates[0]).to.include({ name: 'rpo', verdict: 'inconclusive', low_ms: 0 });
  });

  it('knows exactly how old a backup is where there is a heartbeat', async () => {
    const beats = 'heartbeat: { every: 1s }\ntargets: { rpo: 0s }\n';
    const { rpo, facts, verdict } = await drill(stored.repository, beats);
    expect(facts.newest.heartbeat_at).to.equal(beaten.toISOString());
    const high_ms = Date.parse(facts.at) - beaten.getTime();
    expect(rpo).to.deep.equal({ low_ms: high_ms - 1_000, high_ms, by: 'heartbeat' });
    expect(verdict).to.equal('fail');
  });

  it.full('fails with a damaged pg_control, which is not of the machine', async () => {
    const { base, place } = await copyOf();
    const file = join(base, 'global/pg_control');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8, 16); // of which version it is: it is not read further
    writeFileSync(file, bytes);
    const result = await drill(place);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['damaged-backup']);
  });

  it('fails with a damaged page, by the manifest and by amcheck', async () => {
    const { base, place } = await copyOf();
    const file = largestTable(base);
    const bytes = readFileSync(file);
    bytes[4_000]! ^= 0xff;
    writeFileSync(file, bytes);
    const result = await drill(place);
    expect(result.verdict).to.equal('fail');
    const failed = result.facts.checks.filter(({ state }) => state === 'failed');
    expect(failed.map(({ name }) => name)).to.include('files agree with the manifest');
    expect(failed.length).to.be.greaterThan(1);
  });
});

function segmentsOf(wal: string): string[] {
  return readdirSync(wal)
    .filter((name) => /^[0-9A-F]{24}$/.test(name))
    .sort();
}

/** The orders: of what is not PostgreSQL's own, the largest. */
function largestTable(base: string): string {
  const files = readdirSync(join(base, 'base'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\d+$/.test(entry.name) && Number(entry.name) >= 16_384)
    .map((entry) => join(entry.parentPath, entry.name));
  const sized = files.map((path) => ({ path, size: readFileSync(path).length }));
  return sized.sort((one, other) => other.size - one.size)[0]!.path;
}
