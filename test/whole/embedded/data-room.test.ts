// Databases with rows of their own (`topology.data`) on a disk that has no room for them: exit code 4
// and the disk's own words, whether it shows before anything is filled or in the midst of it.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownUid } from '../../../src/host/users.ts';
import { it } from '../../support/commands.ts';
import { requirePart } from '../../support/require.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const DISK_MB = 2_000;

describe('databases with rows of their own, and a disk without room', function () {
  this.timeout(120_000);
  let place: Workplace;
  let disk: string;
  let environment: Record<string, string>;
  beforeEach(function () {
    requirePart(this, 'superuser', ownUid() === 0, 'only root can mount a small disk');
    place = new Workplace();
    chmodSync(place.directory, 0o755); // the databases' user passes through
    disk = join(place.directory, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}M,mode=1777`, 'tmpfs', disk]);
    environment = { TMPDIR: disk, DRILL_CACHE: join(disk, 'cache') };
    mkdirSync(environment['DRILL_CACHE']!);
  });
  afterEach(() => {
    if (place === undefined) return;
    spawnSync('umount', ['-l', disk]);
    place.remove();
  });

  const runs = (data: string) => {
    return ['run', 'drill.yaml', '--set', `topology.data=${data}`, '--reporter', 'plain'];
  };
  /** Of the run, and of a template with rows. */
  const left = () => {
    const cached = readdirSync(environment['DRILL_CACHE']!);
    return [
      ...readdirSync(disk).filter((name) => name !== 'cache'),
      ...cached.filter((name) => name.includes('-data-') && !name.endsWith('.lock')),
      ...place.leftBehind(),
    ];
  };
  const expectItsWords = (said: string) => {
    expect(said).not.to.match(/^\s+at .*:\d+|internal error/m);
    const { verdict, cleanup } = place.result();
    expect([verdict, cleanup]).to.deep.equal(['environment', { clean: true, left: [] }]);
  };

  it.full('is known before anything is filled', async () => {
    const { code, stdout, stderr } = await place.run(runs('1GB'), environment);
    expect(code, stdout + stderr).to.equal(4);
    expectItsWords(stdout + stderr);
    const [reason = ''] = place.result().reasons;
    expect(reason).to.match(
      /Room for data: .* 3.\d GB needed \(2 databases, the filled template\)/,
    );
    expect(place.events().filter(({ event }) => event === 'data.filling')).to.deep.equal([]);
    expect(left()).to.deep.equal([]);
  });

  it.full('is told in its own words where it ends in the midst of filling', async () => {
    const run = place.start(runs('300MB'), environment);
    await run.event('a database that is being filled', ({ event }) => event === 'data.filling');
    const full = join(disk, 'full');
    spawnSync('dd', ['if=/dev/zero', `of=${full}`, 'bs=1M', `count=${DISK_MB}`]);
    const { code, stdout, stderr } = await run.ended;
    rmSync(full);
    expect(code, stdout + stderr).to.equal(4);
    expectItsWords(stdout + stderr);
    expect(place.result().reasons[0]).to.contain('No space left on device');
    expect(place.events().filter(({ event }) => event === 'data.filled')).to.deep.equal([]);
    expect(left()).to.deep.equal([]);
  });
});
