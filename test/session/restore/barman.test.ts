// Restore drills of what a real Barman keeps: a good backup passes and stays as it was, with packed
// segments and with those that are not filed yet; whatever is wrong with one is told.
import { expect } from 'chai';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { copyTree } from '../../../src/host/files.ts';
import { requireBarman, SERVER, startBarman, type Barman } from '../../support/backups/barman.ts';
import { codesOf, drillIt } from '../../support/backups/drill-it.ts';
import { withSlow } from '../../support/backups/slow.ts';
import { stateOf } from '../../support/backups/team.ts';
import { it } from '../../support/commands.ts';

const ROWS = { before: 5_000, filed: 300, late: 200 };
const ALL = ROWS.before + ROWS.filed + ROWS.late;

describe('a restore drill of Barman', function () {
  this.timeout(180_000);
  let own: Barman | null = null;
  let copies = 0;

  /** Rows, a backup, rows that are filed and packed, rows that are not; then the server is lost. */
  const start = async (method: 'rsync' | 'postgres'): Promise<Barman> => {
    const barman = await startBarman(method);
    const { team } = barman;
    await team.write(ROWS.before);
    await barman.barman('backup', SERVER);
    await team.write(ROWS.filed);
    await team.archive();
    await barman.barman('archive-wal', SERVER);
    await team.write(ROWS.late);
    await team.archive();
    await team.stopServer();
    return barman;
  };
  const made = async (context: Mocha.Context): Promise<Barman> => {
    requireBarman(context);
    return (own ??= await start('postgres'));
  };
  after(() => own?.team.down());

  const drill = async (
    { team }: Barman,
    folder: string,
    more = '',
    backup = '',
    environment = process.env,
  ) => {
    const place = join(team.directory, `session-${(copies += 1)}`);
    const which = `kind: barman, path: ${folder}${backup}`;
    const text = `restore: 1\nname: in-test\ndatabase: app\nbackup: { ${which} }\n${more}`;
    return await drillIt(place, text, environment);
  };

  const copyOf = async ({ team, folder }: Barman) => {
    const copy = join(team.directory, `copy-${(copies += 1)}`);
    await copyTree(folder, copy);
    return copy;
  };

  const COUNT = `checks: [amcheck, { query: { sql: select count(*) from orders, expected: ${ALL} } }]\n`;

  it.full('passes with packed segments and late ones, and changes nothing', async function () {
    const barman = await made(this);
    const before = stateOf(barman.folder);
    const result = await drill(
      barman,
      barman.folder,
      `${COUNT}targets: { restore: 2m, rpo: 1h }\n`,
    );
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    expect(result.facts.backup).to.include({ kind: 'barman', major: '15', format: 'plain' });
    expect(stateOf(barman.folder)).to.deep.equal(before);
  });

  it.full('leaves what rsync copied open until there are sums of it', async function () {
    requireBarman(this);
    const barman = await start('rsync');
    try {
      const open = await drill(barman, barman.folder, COUNT);
      expect(open.verdict).to.equal('inconclusive');
      expect(open.reasons).to.have.length(1);
      expect(open.reasons[0]).to.include(`barman generate-manifest ${SERVER} `);
      await barman.barman('generate-manifest', SERVER, 'latest');
      const result = await drill(barman, barman.folder, COUNT);
      expect(result.reasons).to.deep.equal([]);
      expect(result.verdict).to.equal('pass');
    } finally {
      await barman.team.down();
    }
  });

  it.full(
    'says that it was not finished where it is copied or replayed too long',
    async function () {
      const barman = await made(this);
      for (const [program, word] of [
        ['cp', '-a'],
        ['gzip', '-dc'],
      ] as const) {
        const slow = withSlow(barman.team.directory, program, word);
        const result = await drill(barman, barman.folder, 'deadline: 4s\n', '', slow);
        expect(result.verdict).to.equal('fail');
        expect(codesOf(result), program).to.deep.equal(['not-finished']);
      }
    },
  );

  it.full('fails with a missing segment, and says how far it came', async function () {
    const barman = await made(this);
    const copy = await copyOf(barman);
    const { place, names } = filedIn(copy);
    rmSync(join(place, names.at(-1)!));
    const result = await drill(barman, copy);
    expect(result.verdict).to.equal('fail');
    expect(codesOf(result)).to.deep.equal(['missing-segment']);
    expect(result.reasons[0]).to.match(new RegExp(`segment ${names.at(-1)} is missing .* is 0/`));
  });

  it.full('fails with a backup, or log, of another cluster', async function () {
    const barman = await made(this);
    const other = await drill(barman, barman.folder, '', ', identifier: "7000000000000000000"');
    expect(other.verdict).to.equal('fail');
    expect(codesOf(other)).to.deep.equal(['other-cluster']);
    const copy = await copyOf(barman);
    const { place, names } = filedIn(copy);
    const file = join(place, names.at(-1)!);
    const bytes = gunzipSync(readFileSync(file));
    bytes[24]! ^= 1; // of the system identifier
    writeFileSync(file, gzipSync(bytes));
    const log = await drill(barman, copy);
    expect(log.verdict).to.equal('fail');
    expect(codesOf(log)).to.include('other-cluster');
  });

  it.full(
    'fails with a timeline that is not of its future, or that nothing leads to',
    async function () {
      const barman = await made(this);
      const forked = await copyOf(barman);
      writeFileSync(join(forked, 'wals', '00000002.history'), '1\t0/1000000\tbefore the backup\n');
      const wrong = await drill(barman, forked);
      expect(wrong.verdict).to.equal('fail');
      expect(codesOf(wrong)).to.deep.equal(['wrong-timeline']);
      const lost = await copyOf(barman);
      const { place, names } = filedIn(lost);
      const later = names.at(-1)!.replace('00000001', '00000002');
      copyFileSync(join(place, names.at(-1)!), join(place, later));
      const unused = await drill(barman, lost);
      expect(unused.verdict).to.equal('fail');
      expect(unused.reasons[0]).to.include('log of timeline 2 was not used: 00000002.history');
    },
  );

  it.full(
    'fails with a damaged segment, a damaged file, and where no backup is whole',
    async function () {
      const barman = await made(this);
      const copy = await copyOf(barman);
      const { place, names } = filedIn(copy);
      damage(join(place, names.at(-1)!));
      const log = await drill(barman, copy);
      expect(log.verdict).to.equal('fail');
      expect(codesOf(log)).to.deep.equal(['damaged-log']);
      const other = await copyOf(barman);
      const [id] = readdirSync(join(other, 'base'));
      damage(join(other, 'base', id!, 'data', 'global', '1260'));
      const file = await drill(barman, other);
      expect(file.verdict).to.equal('fail');
      const info = join(other, 'base', id!, 'backup.info');
      writeFileSync(info, readFileSync(info, 'utf8').replace('status=DONE', 'status=FAILED'));
      const none = await drill(barman, other);
      expect(none.verdict).to.equal('fail');
      expect(none.reasons[0]).to.include(`there is no whole backup; there are ${id} (FAILED)`);
    },
  );
});

function filedIn(folder: string) {
  const place = join(folder, 'wals', '0000000100000000');
  const names = readdirSync(place).filter((name) => /^[0-9A-F]{24}$/.test(name));
  return { place, names: names.toSorted() };
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
  writeFileSync(path, bytes);
}
