// A drill with Redis as a user runs it: what it ends with, as whom it runs, what it says where Redis
// is missing, how a kept one is reached, and that nothing stays.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findUser } from '../../../src/host/users.ts';
import { requireRedis } from '../../support/servers/redis.ts';
import { ROOT, SHORT_DRILL, Workplace, type Ended } from '../../support/whole/drill-cli.ts';
import { findProgram } from '../../support/find-program.ts';
import { requirePart } from '../../support/require.ts';
import { runMeasured } from '../../support/whole/run-measured.ts';
import { it } from '../../support/commands.ts';

const sh = promisify(execFile);
const DRILL = join(ROOT, 'drills', 'region-outage-redis.yaml');
const SHORT = SHORT_DRILL.replace('topology:\n', 'topology:\n  redis: {}\n');
const words = ({ stdout, stderr }: Ended) => stdout + stderr;

describe('a drill with Redis', function () {
  this.timeout(180_000);
  let place: Workplace;

  before(function () {
    requireRedis(this);
  });
  afterEach(async () => {
    await place.run(['clean', '--kept']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('passes as it comes, with the loss of each store, and is judged the same again', async () => {
    place = new Workplace();
    const ended = await runMeasured(place, ['run', DRILL]);
    expect(ended.code, words(ended)).to.equal(0);
    const { gates, loss } = place.result();
    const names = ['rto', 'rpo', 'redis.rpo', 'split_brain'];
    expect(gates.map(({ name, verdict }) => [name, verdict])).to.deep.equal(
      names.map((name) => [name, 'pass']),
    );
    const { postgres, redis } = loss!.stores;
    for (const store of [postgres, redis!]) {
      expect(store.acknowledged).to.be.above(100);
      expect(store.second).to.include({ agrees: true });
    }
    expect(loss!.lost).to.equal(postgres.lost + redis!.lost);
    const judged = await place.run(['judge', 'latest']);
    expect(judged.code, words(judged)).to.equal(0);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  it.full('runs as an ordinary user too', async function () {
    const user = findUser('nobody');
    const isRoot = process.getuid?.() === 0;
    requirePart(this, 'unprivileged', isRoot && user !== null, 'only root can become another user');
    place = new Workplace(SHORT, user);
    const ended = await runMeasured(place, ['run', 'drill.yaml']);
    expect(ended.code, words(ended)).to.equal(0);
    expect(place.result().loss!.stores.redis!.acknowledged).to.be.above(50);
  });

  it('ends with 4 and the line to install it where Redis is missing, and starts nothing', async () => {
    place = new Workplace(SHORT);
    const bin = join(place.directory, 'bin');
    mkdirSync(bin);
    for (const name of ['cp', 'sh']) symlinkSync(findProgram(name)!, join(bin, name));
    const ended = await place.run(['run', 'drill.yaml', '--reporter', 'plain'], { PATH: bin });
    expect(ended.code, words(ended)).to.equal(4);
    const said = words(ended).replaceAll(/\s+/g, ' ');
    expect(said).to.contain('redis-server or valkey-server');
    expect(said).to.contain('apt-get install redis-server');
    expect(said).not.to.match(/ at .*:\d+:\d+/);
    const started = place.events().filter(({ event }) => event === 'node.started');
    expect(started.map((event) => 'node' in event && event.node)).not.to.include('east/postgres');
    // Without Redis in the file, nobody asks for it.
    place.write('plain.yaml', SHORT_DRILL);
    const checked = await place.run(['doctor', 'plain.yaml'], { PATH: bin });
    expect(checked.code, words(checked)).to.equal(0);
  });

  it.full(
    'that is kept is reached as it says, with the password in a file only',
    async function () {
      requirePart(this, 'redis', findProgram('redis-cli') !== null, 'redis-cli is not on PATH');
      place = new Workplace(SHORT);
      const ended = await runMeasured(place, ['run', 'drill.yaml', '--keep', 'always']);
      expect(ended.code, words(ended)).to.equal(0);
      const redis = place.result().kept.find(({ node }) => node === 'west/redis')!;
      expect(ended.stdout).to.contain(redis.url);
      const { stdout } = await sh('sh', ['-c', `${redis.connect} llen cart:1`]);
      expect(Number(stdout)).to.be.above(0);
      const file = /cat '([^']+)'/.exec(redis.connect)![1]!;
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      const password = readFileSync(file, 'utf8').trim();
      expect(words(ended) + JSON.stringify(place.result())).not.to.contain(password);
      expect((await place.run(['clean', 'latest'])).code).to.equal(0);
    },
  );

  for (const phase of ['up', 'steady', 'verify'] as const) {
    it.full(`whose runner is killed in the phase ${phase} is cleaned up after`, async () => {
      place = new Workplace(SHORT);
      const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
      await run.event(phase, (event) => event.event === 'phase.started' && event.phase === phase);
      run.child.kill('SIGKILL');
      await run.ended;
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, words(cleaned)).to.equal(0);
      expect(place.leftBehind()).to.deep.equal([]);
    });
  }
});
