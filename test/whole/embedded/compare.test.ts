// `drill compare` of whole drills, as a user runs them.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../../src/verdict/comparison.ts';
import { SHORT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import { it } from '../../support/commands.ts';

describe('drill compare of whole drills', function () {
  this.timeout(180_000);
  let place: Workplace;
  beforeEach(() => (place = new Workplace()));
  afterEach(() => place.remove());

  const SYNC = SHORT_DRILL.replace('name: short', 'name: short-sync').replace(
    '  gslb:',
    '  replication: { mode: sync }\n  gslb:',
  );

  it.full(
    'runs each of a folder as often as asked, in turn, and compares what they measured',
    async () => {
      place.write('sync.yaml', SYNC);
      const args = ['compare', '.', '--repeat', '2', '--json', '--html=page.html', '--quiet'];
      const { code, stdout, stderr } = await place.run(args, { DRILL_KEEP: 'always' });
      expect(place.leftBehind()).to.deep.equal([]);
      const comparison = JSON.parse(stdout) as Comparison;
      expect(comparison.drills.map(({ label }) => label)).to.deep.equal(['short', 'short-sync']);
      const names = place.runs().map((run) => place.result(run).drill.name);
      expect(names).to.deep.equal(['short', 'short-sync', 'short', 'short-sync']);
      for (const { runs, rto_ms, lost, phases } of comparison.drills) {
        const results = runs.map(({ directory }) => place.result(join(place.directory, directory)));
        const rtos = results.map(({ recovery }) => recovery!.rto_ms!);
        expect([rto_ms!.min.value, rto_ms!.max.value]).to.deep.equal(
          rtos.toSorted((a, b) => a - b),
        );
        expect(lost!.max).to.equal(Math.max(...results.map(({ loss }) => loss!.lost)));
        const sum = phases.reduce((total, { ms }) => total + (ms ?? 0), 0);
        expect(sum).to.be.closeTo(rto_ms!.median.value!, 0.01);
      }
      expect(comparison.differences.map(({ key }) => key)).to.deep.equal([
        'topology.replication.mode',
      ]);
      expect(readFileSync(join(place.directory, 'page.html'), 'utf8')).to.include('<svg');
      expect(code, stderr).to.equal(0);
      expect(stderr.match(/^PASS short/gm)).to.have.length(4);
    },
  );

  it('shows what it has when it is stopped, cleans up, and exits 130', async () => {
    place.write('sync.yaml', SYNC);
    const run = place.start(['compare', 'drill.yaml', 'sync.yaml']);
    await run.event('a fault', ({ event }) => event === 'fault.injected');
    run.child.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect(place.leftBehind()).to.deep.equal([]);
    expect(code, stderr).to.equal(130);
    expect(place.runs()).to.have.length(1);
    expect(stdout).to.match(/verdict +INTERRUPTED/);
    expect(stdout).to.include('It was stopped: 1 more run had been asked for.');
  });
});
