// The repository program: base backups on their schedule, what it keeps and what it removes,
// failures that do not end it, and the way it is spoken to in a container.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../src/host/ports.ts';
import { connectProgram } from '../../../src/host/program/program-client.ts';
import type { Link } from '../../../src/link/links.ts';
import { type StartedLinks } from '../../../src/link/start.ts';
import { verifyBackup } from '../../../src/postgres/backup/backup-manifest.ts';
import { parseLsn, segmentName } from '../../../src/postgres/server/lsn.ts';
import type { BackupFacts } from '../../../src/postgres/repository/layout.ts';
import type {
  RepositoryProblem,
  RepositoryState,
} from '../../../src/postgres/repository/protocol.ts';
import { it } from '../../support/commands.ts';
import {
  Stored,
  clock,
  eventually,
  failureOf,
  idsOf,
  insertRows,
  rowsOf,
} from '../../support/postgres/stored.ts';
import { startBehindLink } from '../../support/postgres/stored-behind-link.ts';
import { BLACKHOLE } from '../../../src/link/toxics.ts';

const EVERY_MS = 1_500;
const KEEP = 2;
const MAIN = fileURLToPath(new URL('../../../src/postgres/repository/main.ts', import.meta.url));

describe('a backup repository', function () {
  this.timeout(120_000);
  let stored: Stored;
  let links: StartedLinks;
  let link: Link;
  before(async () => {
    const repository = { every_ms: EVERY_MS, keep: KEEP };
    ({ stored, links, link } = await startBehindLink({ wal: 'receive', repository }));
  });
  after(async () => {
    await stored.stop();
    await links.stop();
  });

  const told = (name: string) => stored.told.filter((event) => event.name === name);
  const taken = () => told('backup.taken').map(({ body }) => body as BackupFacts);
  const backupsOnDisk = () => {
    const names = readdirSync(join(stored.repository, 'backups'));
    return names.filter((name) => !name.endsWith('.json')).sort();
  };
  const wholeSegments = () => {
    return readdirSync(join(stored.repository, 'wal')).filter((name) =>
      /^[0-9A-F]{24}$/.test(name),
    );
  };

  it('takes base backups on its schedule, on request too, and never two at once', async () => {
    const began = clock.now();
    const [one, other] = await Promise.all([stored.backup(), stored.backup()]);
    expect(other.taken_ms - one.taken_ms).to.be.at.least(other.ms);
    await eventually(() => taken().length >= 4, 'two more by the schedule');
    for (const { name, files, bytes, lsn, end_lsn, taken_ms } of taken()) {
      expect(name).to.match(/^base-\d{4}$/);
      expect(files).to.be.above(300);
      expect(bytes).to.be.above(5_000_000);
      expect(parseLsn(end_lsn) > parseLsn(lsn)).to.equal(true);
      expect(taken_ms).to.be.within(began, clock.now());
    }
  });

  it('keeps the newest, each sound, and all log that they need but no more', async () => {
    for (let round = 1; round <= 3; round++) {
      await insertRows(stored, round, 30_000);
      await stored.backup();
      const { backups, wal } = await stored.state();
      const [oldest] = backups;
      expect(backups.length).to.be.at.most(KEEP);
      const needed = segmentName(1, parseLsn(oldest!.lsn), oldest!.segment_bytes);
      const there = wholeSegments();
      if (there.length > 0) expect(there.sort()[0]! >= needed).to.equal(true);
      // From where the oldest begins to the end without a gap.
      const whole = Number(parseLsn(wal.end_lsn!) / BigInt(oldest!.segment_bytes));
      const first = Number(parseLsn(oldest!.lsn) / BigInt(oldest!.segment_bytes));
      expect(there.length).to.be.at.least(whole - first);
    }
    expect(parseInt(wholeSegments().sort()[0]!.slice(-2), 16)).to.be.above(3);
    const { backups } = await stored.state();
    for (const { name } of backups) {
      const { problems } = await verifyBackup(join(stored.repository, 'backups', name));
      expect(problems, name).to.deep.equal([]);
    }
  });

  it('tells a backup that failed, leaves nothing of it, and tries again in time', async () => {
    await link.sever();
    const before = told('backup.failed').length;
    const asked = await failureOf(stored.backup());
    expect(asked.message).to.match(/^west\/storage: /);
    await eventually(() => told('backup.failed').length >= before + 2, 'a scheduled one failed');
    const problem = told('backup.failed').at(-1)!.body as RepositoryProblem;
    expect(problem.at_ms).to.be.within(0, clock.now());
    expect(problem.reason).to.be.a('string').and.not.equal('');
    // The next attempt may be under way; between two of them nothing is there.
    const half = () => backupsOnDisk().filter((name) => name.endsWith('.half'));
    await eventually(() => half().length === 0, 'nothing is left of them');
    await link.restore();
    const count = taken().length;
    await eventually(() => taken().length > count, 'the next one is taken');
  });

  it('is as it was for whoever restores from it once it is held', async () => {
    await insertRows(stored, 9, 500);
    const { wal } = await stored.state();
    const under = failureOf(stored.backup()); // one that is under way ends
    const hole = link.disturb(BLACKHOLE);
    await hole.act(); // and nothing is waited for that does not come
    await clock.sleep(100);
    const began = clock.now();
    const held = await stored.hold();
    expect(clock.now() - began).to.be.below(4_000);
    expect((await under).message).to.contain('the storage is held');
    expect(parseLsn(held.wal.end_lsn!) >= parseLsn(wal.end_lsn!)).to.equal(true);
    await hole.undo();
    expect(held.held).to.equal(true);
    const seen = () => readdirSync(stored.repository, { recursive: true }).map(String).toSorted();
    const [files, count] = [seen(), taken().length];
    await insertRows(stored, 10, 500);
    await clock.sleep(2 * EVERY_MS);
    expect(seen()).to.deep.equal(files);
    expect(taken()).to.have.length(count);
    expect(await stored.state()).to.deep.equal(held);
    expect((await failureOf(stored.backup())).message).to.contain('the storage is held');
    expect(backupsOnDisk()).to.deep.equal(held.backups.map(({ name }) => name));
  });

  it('gives back what it holds', async () => {
    await stored.kill();
    const restored = await stored.restore();
    const rows = await rowsOf(stored, restored);
    expect(rows).to.include.members(idsOf(3, 30_000));
    expect(rows.filter((id) => id.startsWith('10/'))).to.deep.equal([]);
  });
});

describe('a backup repository in a container', function () {
  this.timeout(90_000);
  let stored: Stored;
  before(async () => {
    stored = await Stored.start({ wal: 'archive' });
  });
  after(() => stored.stop());

  it('is told everything by its environment, and answers over HTTP', async () => {
    const directory = join(stored.directory, 'alone');
    mkdirSync(directory, { mode: 0o711 });
    const { owner } = stored.settings;
    if (owner !== null) chownSync(directory, owner.uid, owner.gid); // it writes there as that user
    const settings = { ...stored.settings, directory: join(directory, 'storage') };
    // What an earlier program did not finish.
    mkdirSync(join(settings.directory, 'backups/base-0003.half/base'), { recursive: true });
    mkdirSync(join(settings.directory, 'wal'));
    writeFileSync(join(settings.directory, 'wal/.taken-1'), 'x');
    const [file, ready] = [join(directory, 'settings.json'), join(directory, 'ready')];
    writeFileSync(file, JSON.stringify(settings));
    const port = await freePort();
    const alone = spawn(process.execPath, ['--import=tsx', MAIN], {
      env: {
        ...process.env,
        DRILL_SETTINGS: `@${file}`,
        DRILL_CONTROL_TOKEN: 'control',
        DRILL_CONTROL_PORT: String(port),
        DRILL_READY_FILE: ready,
      },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => alone.once('exit', resolve));
    const address = { host: '127.0.0.1', port, token: 'control' };
    const client = connectProgram({ title: 'west/storage', ...address });
    try {
      await eventually(() => existsSync(ready), 'ready');
      const seen: string[] = [];
      await client.follow(
        (name) => seen.push(name),
        () => {},
      );
      const facts = (await client.request('backup', {}, 30_000)) as BackupFacts;
      await eventually(() => seen.length > 0, 'an event');
      expect(seen).to.deep.equal(['backup.taken']);
      const state = (await client.request('state', {})) as RepositoryState;
      expect(state.backups).to.deep.equal([facts]);
      expect(state.wal).to.include({ end_lsn: facts.end_lsn, last_segment: null });
      const again = await failureOf(client.request('start', settings));
      expect(again.message).to.contain('the storage is running already');
      const text = readFileSync(join(directory, 'storage/backups/base-0004.json'), 'utf8');
      expect(JSON.parse(text)).to.deep.equal(facts);
      const left = readdirSync(settings.directory, { recursive: true }).map(String);
      expect(left.filter((name) => /base-0003|taken/.test(name))).to.deep.equal([]);
    } finally {
      client.close();
      alone.kill('SIGTERM');
      await ended;
    }
  });
});
