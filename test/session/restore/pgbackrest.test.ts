// Restore drills of a real repository of pgBackRest: a good one passes and stays as it was, and
// whatever is wrong with one is told with the last point that could be reached.
import { expect } from 'chai';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../../../src/host/files.ts';
import { codesOf, drillIt } from '../../support/backups/drill-it.ts';
import {
  requirePgbackrest,
  startPgbackrest,
  STANZA,
  type Pgbackrest,
} from '../../support/backups/pgbackrest.ts';
import { withSlow } from '../../support/backups/slow.ts';
import { stateOf } from '../../support/backups/team.ts';
import { failureOf } from '../../support/postgres/stored.ts';
import { it } from '../../support/commands.ts';

const ROWS = { before: 5_000, between: 300, after: 200 };
const ALL = ROWS.before + ROWS.between + ROWS.after;

describe('a restore drill of pgBackRest', function () {
  this.timeout(180_000);
  let own: Pgbackrest | null = null;
  let beaten: string;
  let copies = 0;

  /** Rows, a backup, rows, one more, a beat, rows; then the server is lost. */
  const made = async (context: Mocha.Context): Promise<Pgbackrest> => {
    requirePgbackrest(context);
    if (own !== null) return own;
    own = await startPgbackrest();
    const { team } = own;
    await team.write(ROWS.before);
    await own.backup('full');
    await team.write(ROWS.between);
    await own.backup('incr');
    await team.archive();
    await team.sql('create schema dr_drill; create table dr_drill.heartbeat (at timestamptz)');
    await team.sql('insert into dr_drill.heartbeat values (now())');
    const ms = 'select floor(extract(epoch from at) * 1000) from dr_drill.heartbeat';
    beaten = new Date(Number(await team.sql(ms))).toISOString();
    await team.archive();
    await team.write(ROWS.after);
    await team.archive();
    await team.stopServer();
    return own;
  };
  after(() => own?.team.down());

  const drill = async (path: string, more = '', backup = '', environment = process.env) => {
    const { team } = own!;
    const place = join(team.directory, `session-${(copies += 1)}`);
    const which = `kind: pgbackrest, path: ${path}, stanza: ${STANZA}${backup}`;
    const text = `restore: 1\nname: in-test\ndatabase: app\nbackup: { ${which} }\n${more}`;
    return await drillIt(place, text, environment);
  };

  const copyOf = async () => {
    const { team, repository } = own!;
    const copy = join(team.directory, `repo-${(copies += 1)}`);
    await copyTree(repository, copy);
    return copy;
  };

  /** The folder of its log, and the segments in it, the oldest first. */
  const logIn = (repository: string) => {
    const place = join(repository, 'archive', STANZA, '15-1', '0000000100000000');
    return {
      place,
      files: readdirSync(place)
        .filter((name) => name.endsWith('.gz'))
        .toSorted(),
    };
  };

  it.full(
    'passes with the newest backup and all of its log, and changes nothing',
    async function () {
      const { repository } = await made(this);
      const before = stateOf(repository);
      const result = await drill(
        repository,
        `heartbeat: { every: 1s }
targets: { restore: 2m, rpo: 1h }
checks:
  - amcheck
  - query: { sql: select count(*) from orders, expected: ${ALL} }
  - query:
      sql: >
        select string_agg(setting, ',' order by name) from pg_settings where name in ('archive_mode',
        'archive_command', 'listen_addresses', 'primary_conninfo')
      expected: (disabled),off,,
`,
      );
      expect(result.reasons).to.deep.equal([]);
      expect(result.verdict).to.equal('pass');
      expect(result.facts.backup).to.include({ kind: 'pgbackrest', major: '15' });
      expect(result.facts.backup?.label).to.match(/F_.+I$/);
      const high_ms = Date.parse(result.facts.at) - Date.parse(beaten);
      const low_ms = Math.max(0, high_ms - 1_000);
      expect(result.rpo).to.deep.equal({ low_ms, high_ms, by: 'heartbeat' });
      expect(stateOf(repository)).to.deep.equal(before);
    },
  );

  it.full('reads an encrypted one with a passphrase that stands nowhere', async function () {
    requirePgbackrest(this);
    const passphrase = 'in-test-and-nowhere';
    const encrypted = await startPgbackrest(passphrase);
    const { team, repository } = encrypted;
    try {
      await team.write(ROWS.before);
      await encrypted.backup('full');
      await team.archive();
      await team.stopServer();
      const where = `path: ${repository}, stanza: ${STANZA}, passphrase: { env: IN_TEST }`;
      const text = `restore: 1\nname: encrypted\nbackup: { kind: pgbackrest, ${where} }\n`;
      const environment = { ...process.env, IN_TEST: passphrase };
      const place = join(team.directory, 'session');
      const result = await drillIt(place, text, environment, (run) => {
        for (const file of readdirSync(run, { recursive: true, withFileTypes: true })) {
          if (!file.isFile()) continue;
          const said = readFileSync(join(file.parentPath, file.name), 'utf8');
          expect(said, file.name).to.not.include(passphrase);
        }
      });
      expect(result.reasons).to.deep.equal([]);
      expect(result.verdict).to.equal('pass');
      const wrong = await failureOf(drillIt(place, text, { ...process.env, IN_TEST: 'x' }));
      expect(wrong.message).to.include('expected the passphrase that opens it, found another one');
    } finally {
      await team.down();
    }
  });

  it.full('refuses tablespaces, which would be restored to where they were', async function () {
    requirePgbackrest(this);
    const other = await startPgbackrest();
    const { team, repository } = other;
    try {
      const place = join(team.directory, 'space');
      await team.run('mkdir', [place]);
      await team.sql(`create tablespace ts location '${place}'`);
      await team.sql('create table elsewhere tablespace ts as select 1');
      await other.backup('full');
      await team.stopServer();
      await copyTree(place, `${place}-kept`);
      for (const file of readdirSync(place)) rmSync(join(place, file), { recursive: true });
      const text = `restore: 1\nname: spaces\nbackup: { kind: pgbackrest, path: ${repository}, stanza: ${STANZA} }\n`;
      const failure = await failureOf(drillIt(join(team.directory, 'session'), text));
      expect(failure.message).to.include('found tablespaces, which drill does not restore');
      expect(readdirSync(place)).to.deep.equal([]);
    } finally {
      await team.down();
    }
  });

  for (const [step, told] of [
    ['restore', 'copy the backup'],
    ['archive-get', 'replay the log'],
  ] as const) {
    it.full(`says that it was not finished where ${step} takes too long`, async function () {
      const { repository, team } = await made(this);
      const slow = withSlow(team.directory, 'pgbackrest', step);
      const result = await drill(repository, 'deadline: 8s\n', '', slow);
      rmSync(join(team.directory, 'slow-pgbackrest'), { recursive: true });
      expect(result.verdict).to.equal('fail');
      expect(codesOf(result)).to.deep.equal(['not-finished']);
      expect(result.reasons[0]).to.match(
        new RegExp(`not finished within the deadline of 8.*${told}`),
      );
    });
  }

  it.full('fails with a missing segment, and says how far it came', async function () {
    await made(this);
    const copy = await copyOf();
    const { place, files } = logIn(copy);
    rmSync(join(place, files.at(-2)!));
    const result = await drill(copy);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['missing-segment']);
    const missing = files.at(-2)!.slice(0, 24);
    expect(result.reasons[0]).to.match(new RegExp(`^segment ${missing} is missing .* is 0/`));
  });

  it.full('fails with a backup of another cluster, and restores none', async function () {
    const { repository } = await made(this);
    const result = await drill(repository, '', ', identifier: "7000000000000000000"');
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['other-cluster']);
    expect(result.facts.restored).to.equal(null);
  });

  it.full('fails with a timeline that is not of its future', async function () {
    await made(this);
    const copy = await copyOf();
    const { place } = logIn(copy);
    const history = '1\t0/1000000\tbefore the backup\n';
    writeFileSync(join(place, '..', '00000002.history'), history, { mode: 0o644 });
    const result = await drill(copy);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['wrong-timeline']);
  });

  it.full('fails with a damaged segment and a damaged file', async function () {
    await made(this);
    const copy = await copyOf();
    const { place, files } = logIn(copy);
    damage(join(place, files.at(-2)!));
    const log = await drill(copy);
    expect(log.verdict).to.equal('fail');
    expect(codesOf(log)).to.deep.equal(['damaged-log']);
    expect(log.reasons[0]).to.include(`the end of segment ${files.at(-3)!.slice(0, 24)}`);
    const other = await copyOf();
    const base = join(other, 'backup', STANZA);
    const full = readdirSync(base).find((name) => /^\d{8}-\d{6}F$/.test(name))!;
    const sizes = readdirSync(join(base, full), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.gz'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, bytes: readFileSync(path).length }));
    damage(sizes.toSorted((one, two) => two.bytes - one.bytes)[0]!.path);
    const file = await drill(other);
    expect(file.verdict).to.equal('fail');
    expect(codesOf(file)).to.deep.equal(['damaged-backup']);
  });
});

function damage(path: string): void {
  const bytes = readFileSync(path);
  chmodSync(path, 0o600);
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
  writeFileSync(path, bytes);
}
