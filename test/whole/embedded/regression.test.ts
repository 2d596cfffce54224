// The gate on recovery that got slower, on whole drills: a series against the one before it, first
// alike, then with health checks that take four times as long.
import { expect } from 'chai';
import { join } from 'node:path';
import { readTrials, judgedOf } from '../../../src/session/series-results.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import { it } from '../../support/commands.ts';
import { PATIENT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';

const DRILL = PATIENT_DRILL.replace('rate: 100/s', 'rate: 50/s').replace(
  'targets: {',
  'targets: { rto_regression: 60%,',
);
const TRIALS = ['run', 'drill.yaml', '--repeat', '4'];

describe('recovery against its own past', function () {
  this.timeout(600_000);
  let place: Workplace;
  beforeEach(() => (place = new Workplace(DRILL)));
  afterEach(() => place.remove());

  const gate = () => {
    const newest = listSeries(join(place.directory, '.drill', 'runs')).at(-1)!;
    const [series] = judgedOf(readTrials(newest));
    return series!.gates.find(({ name }) => name === 'rto_regression')!;
  };

  it.full('passes where nothing changed, and fails where health checks take longer', async () => {
    const first = await place.run(TRIALS);
    expect(first.code, first.stdout + first.stderr).to.equal(3);
    expect(gate().reason, 'nothing is green without a past').to.include('nothing to compare');

    const same = await place.run([...TRIALS, '--baseline', 'last', '--seed', '7']);
    expect(same.code, same.stdout + same.stderr).to.equal(0);
    expect(gate()).to.deep.include({ verdict: 'pass', reason: null });

    const slower = ['--baseline', 'median:8', '--set', 'topology.gslb.every=800ms'];
    const { code, stdout, stderr } = await place.run([...TRIALS, ...slower]);
    expect(code, stdout + stderr).to.equal(1);
    expect(gate().verdict).to.equal('fail');
    expect(gate().reason).to.match(/slower than its past .* That is no chance/);
    const run = place.result(place.runs().at(-1));
    expect(run.notes.join('\n')).to.include('topology.gslb: every 200ms,');

    const history = await place.run(['history']);
    expect(history.stdout).to.match(/✗ {2}rto_regression +\S+ +[\d.]+ % +of 60 %/);
  });
});
