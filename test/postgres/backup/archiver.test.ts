// Segments that an archive_command brings to the repository: only what is on its disk is confirmed,
// and a primary whose archive is broken says so.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Address } from '../../../src/host/ports.ts';
import { untilGone } from '../../../src/host/process/processes.ts';
import { parseLsn } from '../../../src/postgres/server/lsn.ts';
import { installArchiving } from '../../../src/postgres/backup/archiver.ts';
import {
  archiverState,
  checkArchive,
  missingInRepository,
} from '../../../src/postgres/backup/archiver.ts';
import {
  Stored,
  TOKEN,
  clock,
  eventually,
  failureOf,
  insertRows,
} from '../../support/postgres/stored.ts';

const SCRIPT = fileURLToPath(new URL('../../../compose/entrypoints/archive.sh', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

describe('archived log', function () {
  this.timeout(90_000);
  let stored: Stored;
  let to: Address;
  before(async () => {
    stored = await Stored.start({ wal: 'archive' });
    to = stored.address;
  });
  after(() => stored.stop());

  const primary = () => ({ ...stored.database.address(), ...stored.database.credentials.admin });
  const log = async () => (await stored.state()).wal;
  const place = () => join(stored.repository, 'wal');
  const segments = () => readdirSync(place()).filter((name) => /^[0-9A-F]{24}$/.test(name));

  /** Runs the script as the primary does. */
  async function bring(
    file: string,
    { name = 'x', token = TOKEN, port = to.port, seconds = 20 } = {},
  ): Promise<Ended> {
    const args = [SCRIPT, to.host, String(port), token, `/wal/${name}`, file];
    const env = { ...process.env, DRILL_ARCHIVE_SECONDS: String(seconds) };
    const child = spawn('bash', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said };
  }

  it('comes at the latest after archive_timeout, each segment whole', async () => {
    await insertRows(stored, 1, 10);
    const { lsn } = await missingInRepository(primary(), { end_lsn: null });
    await eventually(
      async () => (await missingInRepository(primary(), await log())).bytes === 0,
      `the log up to ${lsn}`,
    );
    const seen = await archiverState(primary());
    expect(seen).to.deep.include({ mode: 'on', failed_count: 0, is_failing: false });
    expect(seen.archived_count).to.be.above(0);
    // What came last may be the note about a backup, which begins with its segment's name.
    expect(seen.last_archived).to.match(new RegExp(`^${(await log()).last_segment}`));
    expect((await log()).received_bytes).to.equal(segments().length * 16 * 1024 * 1024);
  });

  it('is shown to arrive by a restore point', async () => {
    const end = await checkArchive(
      { primary: primary(), stored: log, clock, at_most_ms: 20_000 },
      'it arrives',
    );
    expect(parseLsn((await log()).end_lsn!) >= parseLsn(end)).to.equal(true);
  });

  it('is confirmed once more when the same segment comes again, and refused when another does', async () => {
    const [name] = segments();
    const same = join(stored.directory, 'same');
    const other = join(stored.directory, 'other');
    const bytes = readFileSync(join(place(), name!));
    writeFileSync(same, bytes);
    bytes[5_000]! ^= 1;
    writeFileSync(other, bytes);
    expect(await bring(same, { name: name! })).to.deep.equal({ code: 0, said: '' });
    const refused = await bring(other, { name: name! });
    expect(refused.code).to.equal(1);
    expect(refused.said).to.contain('409').and.contain('the storage has another file of this name');
    expect(readFileSync(join(place(), name!)).equals(readFileSync(same))).to.equal(true);
  });

  it('is refused from whoever does not know the token, and where it is not what its name says', async () => {
    const [name] = segments();
    const good = join(stored.directory, 'good');
    const bytes = readFileSync(join(place(), name!));
    writeFileSync(good, bytes);
    const next = '0000000100000000000000F0';
    const before = readdirSync(place());
    const refused = async (file: string, options: Parameters<typeof bring>[1]) => {
      const { code, said } = await bring(file, options);
      expect(code).to.equal(1);
      return said;
    };
    expect(await refused(good, { name: next, token: 'guessed' })).to.contain('answered 401');
    expect(await refused(good, { name: '../x' })).to.contain('answered 404');
    expect(await refused(good, { name: next })).to.contain(`the file is segment ${name}`);
    const foreign = Buffer.from(bytes);
    foreign.writeBigUInt64LE(0xf000000n << 4n, 8);
    foreign[24]! ^= 1;
    writeFileSync(good, foreign);
    expect(await refused(good, { name: next })).to.match(/keeps the log of cluster \d+, not of/);
    writeFileSync(good, 'no log at all');
    expect(await refused(good, { name: next })).to.contain('expected a segment of write-ahead log');
    writeFileSync(good, bytes);
    truncateSync(good, 8_192);
    expect(await refused(good, { name: next })).to.match(/expected 16777216 bytes, .* found 8192/);
    expect(readdirSync(place())).to.deep.equal(before);
  });

  it('is not confirmed by a port where nobody listens, or nobody answers', async () => {
    const [name] = segments();
    const file = join(place(), name!);
    const mute = await listen((server) => server.on('connection', (socket) => socket.pause()));
    const half = await listen((server) => {
      server.on('connection', (socket) =>
        socket.on('error', () => {}).end('HTTP/1.1 500 no\r\n\r\n'),
      );
    });
    try {
      const silent = await bring(file, { name: name!, port: mute.port, seconds: 1 });
      expect(silent).to.deep.include({ code: 1 });
      expect(silent.said).to.contain('no answer from');
      const failed = await bring(file, { name: name!, port: half.port });
      expect(failed.code).to.equal(1);
    } finally {
      mute.server.close();
      half.server.close();
    }
    const gone = await bring(file, { name: name!, port: mute.port });
    expect(gone.code).to.equal(1);
    expect(gone.said).to.contain('nothing listens on');
  });

  it('has a command that stands any path, and does not tell the token', async () => {
    const directory = join(stored.directory, "it's 100%f");
    stored.makeOpen(directory);
    const { owner } = stored.settings;
    const options = { directory, owner, to, token: TOKEN, timeout_ms: 1_500 };
    const settings = installArchiving(options);
    expect(settings).to.include({ archive_mode: 'on', archive_timeout: '2s' });
    expect(settings['archive_command']).to.not.contain(TOKEN);
    await stored.set('archive_command', settings['archive_command']!);
    await insertRows(stored, 2, 10);
    await checkArchive({ primary: primary(), stored: log, clock, at_most_ms: 20_000 }, 'quoted');
  });

  it('that cannot be brought is counted by the primary, and a check says so', async () => {
    const before = await archiverState(primary());
    const last = await log();
    process.kill(stored.program.pid, 'SIGKILL');
    await untilGone([stored.program.pid], clock, 5_000);
    const stale = () => Promise.resolve(last);
    const failed = await failureOf(
      checkArchive({ primary: primary(), stored: stale, clock, at_most_ms: 3_000 }, 'broken'),
    );
    expect(failed.message).to.match(/^the storage: expected the log up to \S+ within 3 s, found/);
    expect(failed.message).to.match(/; archiving [0-9A-F]{24} fails$/);
    const after = await archiverState(primary());
    expect(after.failed_count).to.be.above(before.failed_count);
    expect(after.archived_count).to.equal(before.archived_count);
    expect(after).to.deep.include({ is_failing: true });
    expect((await missingInRepository(primary(), last)).bytes).to.be.above(0);
    expect(stored.primaryLog()).to.contain('archive.sh: nothing listens on').and.not.contain(TOKEN);
  });

  it('goes on when the storage is back, and a base backup does not wait for it', async () => {
    const { settings } = stored;
    await stored.set('archive_command', 'false');
    await stored.startProgram({ wal: 'receive', repository: { ...settings, wal: 'receive' } });
    const { ms } = await stored.backup();
    expect(ms).to.be.below(20_000);
    process.kill(stored.program.pid, 'SIGKILL');
    await untilGone([stored.program.pid], clock, 5_000);
    const known = new Set(segments());
    await stored.startProgram({ wal: 'archive', repository: settings });
    await checkArchive({ primary: primary(), stored: log, clock, at_most_ms: 30_000 }, 'back');
    expect(segments().filter((name) => !known.has(name))).to.not.deep.equal([]);
  });
});

async function listen(prepare: (server: Server) => void) {
  const server = createServer();
  prepare(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
