// `drill scale` of whole drills, as a user runs them: at several sizes, stopped, killed while a
// database is filled, and gone on with.
import { expect } from 'chai';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scale } from '../../../src/verdict/scale.ts';
import { SHORT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import { it } from '../../support/commands.ts';

const DRILL = SHORT_DRILL.replace('name: short', 'name: restored')
  .replace('strategy: warm-standby', 'strategy: backup-restore\n  backup: { every: 30s }')
  .replace('standby, app: { instances: 1, capacity', 'standby, app: { capacity')
  .replace('region: east }', 'region: east, disks: destroyed }')
  .replace('every: 100ms, timeout: 200ms', 'every: 200ms, timeout: 1s')
  .replace('rate: 100/s', 'rate: 50/s')
  .replace('timeout: 500ms', 'timeout: 2s')
  .replace('rto: 15s', 'rto: 60s');
const SIZES = ['20MB', '30MB', '60MB'];
const SCALE = ['scale', 'drill.yaml', '--data', '30MB,60MB,20MB'];

describe('drill scale of whole drills', function () {
  this.timeout(300_000);
  let place: Workplace;
  let environment: Record<string, string>;
  beforeEach(() => {
    place = new Workplace(DRILL);
    chmodSync(place.directory, 0o755); // the databases' user passes through
    environment = { DRILL_CACHE: join(place.directory, 'cache') };
    mkdirSync(environment['DRILL_CACHE']!);
  });
  afterEach(() => place.remove());

  const sizesOf = (scale: Scale) => scale.sizes.map(({ drill }) => drill.label);
  const measured = () => {
    return place.runs().filter((run) => existsSync(join(run, 'result.json')));
  };
  /** A busy machine may make a run inconclusive. */
  const expectMade = (code: number | null, said: string) => expect([0, 3], said).to.include(code);

  it.full(
    'fills each size once, and prints every phase of each, as text, JSON and a page',
    async () => {
      const args = [...SCALE, '--to', '1GB', '--json', '--html=page.html'];
      const { code, stdout, stderr } = await place.run(args, environment);
      expectMade(code, stderr);
      expect(place.leftBehind()).to.deep.equal([]);
      const scale = JSON.parse(stdout) as Scale;
      expect(sizesOf(scale)).to.deep.equal(SIZES);
      for (const [at, run] of place.runs().entries()) {
        const filled = place
          .events(run)
          .flatMap((each) => (each.event === 'data.filled' ? [each] : []));
        for (const { bytes, asked_bytes, from } of filled) {
          expect(bytes / asked_bytes).to.be.within(0.9, 1.1);
          expect([asked_bytes, from]).to.deep.equal([scale.sizes[at]!.bytes, 'fill']);
        }
        expect(filled).to.have.length(1);
        const { recovery } = place.result(run);
        const { phases, runs } = scale.sizes[at]!.drill;
        expect(runs[0]!.rto_ms?.value ?? null).to.equal(recovery?.rto_ms ?? null);
        expect(phases).to.deep.equal(recovery?.phases ?? []);
      }
      for (const size of SIZES)
        expect(stderr).to.match(new RegExp(`run \\d of 3: restored, ${size}\\n`));
      for (const words of ['topology.data', 'Phases of the RTO', '  restore', 'How it grows']) {
        expect(stderr).to.include(words);
      }
      // Three runs, one of each size, seldom lie so well that a line may be followed.
      expect(stderr).to.include('EXTRAPOLATED, not measured: at 1GB');
      expect(readFileSync(join(place.directory, 'page.html'), 'utf8')).to.include('<svg');
    },
  );

  it.full('goes on after SIGKILL in the midst of filling, and leaves nothing', async () => {
    const killed = place.start(SCALE, environment);
    await killed.event('the first run', ({ event }) => event === 'cleanup.ended');
    for (;;) {
      const second = place.runs()[1];
      if (place.events(second ?? '').some(({ event }) => event === 'data.filling')) break;
      expect(killed.child.exitCode, 'it ended before').to.equal(null);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    killed.child.kill('SIGKILL');
    await killed.ended;
    const series = join(place.directory, '.drill', 'series');
    expect(readdirSync(series).filter((name) => name.endsWith('.json'))).to.have.length(1);
    const resumed = await place.run(['run', '--resume', 'latest'], environment);
    expectMade(resumed.code, resumed.stdout + resumed.stderr);
    expect(place.leftBehind()).to.deep.equal([]);
    const templates = readdirSync(environment['DRILL_CACHE']!).filter(
      (name) => !/\.(lock|log)$/.test(name),
    );
    expect(
      templates.filter((name) => name.includes('-data-')),
      'no half one',
    ).to.have.length(3);
    const { code, stdout } = await place.run(['scale', 'latest', '--json'], environment);
    const scale = JSON.parse(stdout) as Scale;
    expect([code, sizesOf(scale), scale.not_made]).to.deep.equal([resumed.code, SIZES, 0]);
    expect(measured()).to.have.length(3);
  });

  it.full('shows what it has after Ctrl-C, cleans up, and exits 130', async () => {
    const run = place.start([...SCALE, '--html=page.html'], environment);
    await run.event('a database that is filled', ({ event }) => event === 'fault.injected');
    run.child.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).to.equal(130);
    expect(place.leftBehind()).to.deep.equal([]);
    expect(stdout).to.match(/topology\.data +20MB\n/);
    expect(stdout).to.include('2 runs of those asked for not made.');
    expect(stdout).to.include('so there is no line.');
    expect(existsSync(join(place.directory, 'page.html'))).to.equal(true);
  });
});
