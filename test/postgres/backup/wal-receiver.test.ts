// Log streamed to a repository: what a power cut under load leaves of it, across broken links, ends
// of the program, and servers whose log is not wanted.
import { expect } from 'chai';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { untilGone } from '../../../src/host/process/processes.ts';
import { type StartedLinks } from '../../../src/link/start.ts';
import type { Link } from '../../../src/link/links.ts';
import { missingInRepository } from '../../../src/postgres/backup/archiver.ts';
import { parseLsn } from '../../../src/postgres/server/lsn.ts';
import type { RepositoryProblem } from '../../../src/postgres/repository/protocol.ts';
import { restore } from '../../../src/postgres/restore/restore.ts';
import { some } from '../../support/commands.ts';
import { Stored, Writers, clock, eventually, rowsOf } from '../../support/postgres/stored.ts';
import { SLOT, failureOf, insertRows } from '../../support/postgres/stored.ts';
import { startBehindLink } from '../../support/postgres/stored-behind-link.ts';
import { BLACKHOLE } from '../../../src/link/toxics.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;

const adminOf = ({ database }: Stored) => {
  return { ...database.address(), ...database.credentials.admin };
};

/** Resolves when the repository has all log that the primary has written by now. */
async function untilStored(stored: Stored): Promise<void> {
  const { lsn } = await missingInRepository(adminOf(stored), { end_lsn: null });
  await eventually(async () => {
    const { end_lsn } = (await stored.state()).wal;
    return end_lsn !== null && parseLsn(end_lsn) >= parseLsn(lsn);
  }, `the log up to ${lsn}`);
}

/** What was in the log up to `end` is there, and nothing else. */
function expectWhatWasStored(writers: Writers, rows: readonly string[], end: bigint): void {
  const there = new Set(rows);
  for (const [id, position] of writers.positions) {
    if (there.has(id)) expect(position < end, `${id} is there`).to.equal(true);
    const [writer, sequence] = id.split('/').map(Number) as [number, number];
    // A writer's next write began after this one's commit.
    const next = writers.positions.get(`${writer}/${sequence + 1}`);
    if (next !== undefined && next <= end) expect(there.has(id), `${id} is lost`).to.equal(true);
  }
}

describe('a region that is lost under load', function () {
  this.timeout(120_000);

  for (const [round, it] of some([1, 2, 3], 1)) {
    it(`loses no acknowledged write to a synchronous receiver (${round})`, async () => {
      const stored = await Stored.start({ wal: 'receive-sync' });
      try {
        const writers = new Writers(stored, 8);
        await writers.until(50 * round);
        await stored.backup();
        await writers.until(writers.acknowledged.size + 700 * round);
        // Also where the repository's program dies first: what it has confirmed is in its files.
        if (round > 1) process.kill(stored.program.pid, 'SIGKILL');
        await stored.kill();
        await writers.stop();
        if (round === 1) await stored.hold();
        const restored = await stored.restore();
        const rows = await rowsOf(stored, restored);
        const there = new Set(rows);
        expect([...writers.acknowledged].filter((id) => !there.has(id))).to.deep.equal([]);
        expect(rows.filter((id) => !writers.sent.has(id))).to.deep.equal([]);
        expect(restored).to.deep.include({ problems: [], timeline: 2 });
      } finally {
        await stored.stop();
      }
    });
  }

  it('loses only the last moments of it to a receiver that nobody waits for', async () => {
    const stored = await Stored.start({ wal: 'receive' });
    try {
      await stored.backup();
      const writers = new Writers(stored, 8);
      await writers.until(1_000);
      const early = [...writers.acknowledged];
      await untilStored(stored);
      // More than a segment, so that whole ones and an unfinished one are replayed.
      await insertRows(stored, 99, 60_000);
      await writers.until(writers.acknowledged.size + 200);
      await stored.kill();
      await writers.stop();
      const { wal } = await stored.hold();
      expect(
        readdirSync(join(stored.repository, 'wal')).filter((n) => /partial/.test(n)),
      ).to.have.length(1);
      const restored = await stored.restore();
      const rows = (await rowsOf(stored, restored)).filter((id) => !id.startsWith('99/'));
      expect(rows).to.include.members(early);
      expect(rows.filter((id) => !writers.sent.has(id))).to.deep.equal([]);
      expectWhatWasStored(writers, rows, parseLsn(wal.end_lsn!));
      expect(parseLsn(restored.replayed_to) <= parseLsn(wal.end_lsn!)).to.equal(true);
      expect(restored.problems).to.deep.equal([]);
    } finally {
      await stored.stop();
    }
  });
});

describe('a receiver of log', function () {
  this.timeout(120_000);
  let stored: Stored;
  let links: StartedLinks;
  let link: Link;
  before(async () => {
    ({ stored, links, link } = await startBehindLink({ wal: 'receive' }));
  });
  after(async () => {
    await stored.stop();
    await links.stop();
  });
  const toldOf = (name: string) => stored.told.filter((told) => told.name === name);
  const begun = () => toldOf('wal.streaming').length;

  it('writes segments of full size for the owner alone, and says how far they go', async () => {
    await stored.backup();
    await insertRows(stored, 1, 100_000);
    await untilStored(stored);
    const { wal } = await stored.state();
    const place = join(stored.repository, 'wal');
    const names = readdirSync(place).sort();
    expect(names.filter((name) => name.endsWith('.partial'))).to.have.length(1);
    expect(names.filter((name) => !name.endsWith('.partial')).at(-1)).to.equal(wal.last_segment);
    for (const name of names) {
      const { size, mode } = statSync(join(place, name));
      expect(size, name).to.equal(SEGMENT_BYTES);
      expect(mode & 0o777, name).to.equal(0o600);
    }
    expect(wal).to.deep.include({ problem: null });
    expect(wal.received_bytes).to.be.above(SEGMENT_BYTES);
    expect(wal.at_ms).to.be.within(0, clock.now());
    expect(await missingInRepository(adminOf(stored), wal)).to.deep.include({ bytes: 0 });
  });

  it('goes on where it was after a link was cut, and tells each end once', async () => {
    const [before, broken] = [begun(), toldOf('wal.broken').length];
    await link.sever();
    await insertRows(stored, 2, 1_000);
    await eventually(() => toldOf('wal.broken').length > broken, 'told of the cut');
    const { wal } = await stored.state();
    expect(wal.problem).to.be.a('string');
    const { bytes } = await missingInRepository(adminOf(stored), wal);
    expect(bytes).to.be.above(100_000);
    await clock.sleep(500);
    expect(toldOf('wal.broken')).to.have.length(broken + 1);
    await link.restore();
    await untilStored(stored);
    expect(begun()).to.equal(before + 1);
    expect((await stored.state()).wal.problem).to.equal(null);
  });

  it('notices a link that swallows everything', async () => {
    const broken = toldOf('wal.broken').length;
    const hole = link.disturb(BLACKHOLE);
    await hole.act();
    try {
      await insertRows(stored, 3, 1_000);
      await eventually(() => toldOf('wal.broken').length > broken, 'told of the silence');
    } finally {
      await hole.undo();
    }
    // The primary gives up after the same time, and its end may come through.
    const { reason } = toldOf('wal.broken').at(-1)!.body as RepositoryProblem;
    expect(reason).to.match(/^the primary has been silent for 5 s$|terminated/);
    await untilStored(stored);
  });

  it('makes a commit wait for it where it is synchronous, also while it cannot be reached', async () => {
    await stored.synchronize();
    const client = new Client(stored.database.address());
    await client.connect();
    const insert = (sequence: number) =>
      client.query(`insert into orders (writer, sequence, payload, region)
        values (4, ${sequence}, 'x', 'east')`);
    await insert(1);
    await link.sever();
    let isDone = false;
    const waiting = insert(2).then(() => (isDone = true));
    await clock.sleep(1_000);
    expect(isDone).to.equal(false);
    await link.restore();
    await waiting;
    await client.end();
    await stored.set('synchronous_standby_names', '');
  });

  it('goes on after its program was killed, with nothing missing', async () => {
    const { settings } = stored;
    process.kill(stored.program.pid, 'SIGKILL');
    await untilGone([stored.program.pid], clock, 5_000);
    await insertRows(stored, 5, 20_000);
    await stored.startProgram({ wal: 'receive', repository: settings });
    await untilStored(stored);
    expect((await stored.state()).backups.map(({ name }) => name)).to.deep.equal(['base-0001']);
    await stored.backup();
    await stored.kill();
    const held = await stored.hold();
    expect(held.backups.map(({ name }) => name)).to.deep.equal(['base-0001', 'base-0002']);
    // From the first one, so that all of the log is replayed.
    const { lsn } = await restoredFrom('base-0001');
    expect(parseLsn(lsn) <= parseLsn(held.wal.end_lsn!)).to.equal(true);
  });

  async function restoredFrom(name: string) {
    const end = parseLsn((await stored.state()).backups[1]!.lsn) - 1n;
    const lsn = `0/${end.toString(16).toUpperCase()}`;
    const restored = await stored.restore({ by: 'lsn', lsn, inclusive: false });
    expect(restored.backup).to.equal(name);
    const rows = await rowsOf(stored, restored);
    const counts = [1, 2, 3, 5].map(
      (writer) => rows.filter((id) => id.startsWith(`${writer}/`)).length,
    );
    expect(counts).to.deep.equal([100_000, 1_000, 1_000, 20_000]);
    await restored.server.stop();
    return { lsn: restored.replayed_to };
  }

  it('wants no log of a restored server: its timeline is another one', async () => {
    const files = () => readdirSync(join(stored.repository, 'wal'));
    const options = await stored.restoring();
    const { admin } = options;
    const admissions = [
      ...options.admissions,
      { database: 'replication', user: stored.database.credentials.replication.user },
    ];
    const restored = await restore({ ...options, admissions, target: { by: 'all' } });
    try {
      const before = files();
      const { host, port } = restored.server;
      process.kill(stored.program.pid, 'SIGKILL');
      await untilGone([stored.program.pid], clock, 5_000);
      const primary = { host, port, ...stored.database.credentials.replication };
      const told = stored.told.length;
      await stored.startProgram({ wal: 'receive', repository: { primary } });
      await eventually(() => stored.told.length > told, 'told of the other timeline');
      const reason = 'this storage keeps the log of timeline 1, not of timeline 2';
      expect(stored.told.slice(told)[0]).to.deep.include({ name: 'wal.broken' });
      expect((await stored.state()).wal.problem).to.equal(reason);
      expect((await failureOf(stored.backup())).message).to.contain(reason);
      expect(files()).to.deep.equal(before);
      const client = new Client({ ...adminOf(stored), ...admin, host, port });
      await client.connect();
      const slots = await client.query(`select 1 from pg_replication_slots`);
      await client.end();
      expect(slots.rows, SLOT).to.deep.equal([]);
    } finally {
      await restored.server.stop();
    }
  });
});
