// A machine that runs out of something: its own words and exit code 4, never a verdict on the
// system and never a bug of drill's; the evidence stays, and nothing else.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findUser, ownUid } from '../../../src/host/users.ts';
import { it } from '../../support/commands.ts';
import { requirePart } from '../../support/require.ts';
import { ROOT, Workplace } from '../../support/whole/drill-cli.ts';

const COMMAND = join(ROOT, 'bin', 'drill.js');
/** More than a run asks for, and soon filled. */
const DISK_MB = 700;

describe('a machine that runs out of something', function () {
  this.timeout(90_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(() => {
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  /** Fills the disk once `when` has happened, and judges how the run ends. */
  const expectFullDisk = async (
    when: (run: ReturnType<Workplace['start']>) => Promise<unknown>,
    where: 'TMPDIR' | '--out',
  ) => {
    const disk = join(place.directory, 'disk');
    chmodSync(place.directory, 0o755); // the databases' user passes through
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}M,mode=1777`, 'tmpfs', disk]);
    try {
      const runs = join(place.directory, '.drill', 'runs');
      if (where === '--out') mkdirSync(runs, { recursive: true });
      if (where === '--out') execFileSync('mount', ['--bind', disk, runs]);
      const environment: Record<string, string> = where === 'TMPDIR' ? { TMPDIR: disk } : {};
      const run = place.start(['run', 'drill.yaml', '--reporter', 'plain'], environment);
      await when(run);
      fill(join(disk, 'fill'));
      const { code, stdout, stderr } = await run.ended;
      rmSync(join(disk, 'fill'));
      expect(code, stdout + stderr).to.equal(4);
      expect(stdout + stderr).not.to.match(/^\s+at .*:\d+|internal error/m);
      expect((stdout + stderr).replaceAll(/\s+/g, ' ')).to.contain('No space left on device');
      if (where === 'TMPDIR') {
        const { verdict, reasons, cleanup } = place.result();
        expect([verdict, cleanup]).to.deep.equal(['environment', { clean: true, left: [] }]);
        expect(reasons[0]).to.contain('No space left on device');
      }
      expect(place.events().length, 'the evidence stays').to.be.greaterThan(10);
      const cleaned = await place.run(['clean'], environment);
      expect(cleaned.code, cleaned.stderr).to.equal(0);
    } finally {
      if (where === '--out') spawnSync('umount', ['-l', join(place.directory, '.drill', 'runs')]);
      spawnSync('umount', ['-l', disk]);
    }
  };

  const fill = (file: string) => {
    spawnSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', `count=${DISK_MB}`]);
    expect(existsSync(file)).to.equal(true);
  };
  const isRoot = ownUid() === 0;

  it.full('says so where the disk of the databases fills before the disaster', async function () {
    requirePart(this, 'superuser', isRoot, 'only root can mount a small disk');
    await expectFullDisk(
      (run) => run.event('a steady state', ({ event }) => event === 'steady.started'),
      'TMPDIR',
    );
  });

  it.full('says so where it fills while the recovery goes on', async function () {
    requirePart(this, 'superuser', isRoot, 'only root can mount a small disk');
    await expectFullDisk(
      (run) => run.event('a disaster', ({ event }) => event === 'fault.injected'),
      'TMPDIR',
    );
  });

  it.full('says so where the disk of the evidence fills', async function () {
    requirePart(this, 'superuser', isRoot, 'only root can mount a small disk');
    await expectFullDisk(
      (run) => run.event('operations', ({ event }) => event === 'workload.started'),
      '--out',
    );
  });

  // Which part is refused first differs: initdb, a program, the proxy, a database.
  for (const more of [25, 45, 65, 80]) {
    it.full(`says so where this user may start ${more} more processes and threads`, function () {
      const nobody = findUser('nobody');
      requirePart(this, 'superuser', isRoot && nobody !== null, 'root has no such limit');
      chownSync(place.directory, nobody!.uid, nobody!.gid);
      const threads = spawnSync('ps', ['-u', 'nobody', '-L', '--no-headers'], { encoding: 'utf8' });
      const most = threads.stdout.split('\n').length - 1 + more;
      const command = [process.execPath, COMMAND, 'run', 'drill.yaml', '--quiet'];
      const args = ['-c', `ulimit -u ${most}; exec "$@"`, 'bash', ...command];
      const { status, stdout, stderr } = spawnSync('bash', args, {
        cwd: place.directory,
        env: { ...process.env, HOME: place.directory },
        uid: nobody!.uid,
        gid: nobody!.gid,
        encoding: 'utf8',
      });
      expect(status, stdout + stderr).to.equal(4);
      expect(stdout + stderr).not.to.match(/^\s+at .*:\d+|internal error/m);
      expect(place.result().reasons[0])
        .to.match(/may start another process/)
        .and.match(/ulimit -u/);
    });
  }

  for (const most of [40, 64, 128]) {
    (most === 64 ? it : it.full)(`says so with ${most} file descriptors`, async () => {
      const script = `ulimit -n ${most}; exec "$@"`;
      const command = [process.execPath, COMMAND, 'run', 'drill.yaml', '--quiet'];
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...command], {
        cwd: place.directory,
        encoding: 'utf8',
      });
      expect(status, stdout + stderr).to.equal(4);
      expect(stdout + stderr).not.to.match(/^\s+at .*:\d+|internal error/m);
      expect(stdout + stderr).to.match(/file descriptors/i);
      expect(stdout + stderr).to.contain('ulimit -n');
    });
  }
});
