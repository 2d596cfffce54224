// Which runs count for the trials of a series: what its file names is not believed.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../src/archive/run-directory.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { sha256 } from '../../src/host/sha256.ts';
import { readDrill, type DrillRead } from '../../src/session/read.ts';
import { beginSeries } from '../../src/session/series.ts';
import { codesOf, readTrials, resultOfTrial } from '../../src/session/series-results.ts';
import { ONCE_AS_STATED } from '../../src/session/trials.ts';
import { version } from '../../src/session/version.ts';
import type { Result } from '../../src/verdict/result.ts';
import { plantResult } from '../support/evidence/plant-result.ts';
import { lostData, passed } from '../support/evidence/results.ts';

const DRILL = `drill: 1
name: outage
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

describe('the runs of a series', () => {
  const once = { ...ONCE_AS_STATED, flags: {} };
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-series-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const runs = () => runsDirectory(directory);

  async function drillsOf(...names: string[]): Promise<DrillRead[]> {
    const read = names.map(async (name) => {
      writeFileSync(join(directory, `${name}.yaml`), DRILL.replace('outage', name));
      return (await readDrill(`${name}.yaml`, {}, { directory, environment: {} })).drill!;
    });
    return await Promise.all(read);
  }

  it('believes no result that is not the run’s own, as it was written', async () => {
    const drills = await drillsOf('one', 'two');
    const series = beginSeries(drills, { ...once, repeat: 2 }, { directory });
    const place = join(runs(), passed.id);
    mkdirSync(place, { recursive: true });
    const trial = { drill: 0, seed: 1, state: 'ended', run: passed.id, verdict: 'pass' } as const;
    const file = {
      ...series.file,
      drills: [{ ...series.file.drills[0]!, name: passed.drill.name }],
    };
    const counts = () => resultOfTrial(file, trial) !== null;
    plantResult(place, passed);
    expect(counts()).to.equal(true);
    writeFileSync(join(place, 'result.json'), JSON.stringify({ ...passed, notes: ['forged'] }));
    expect(counts(), 'changed afterwards').to.equal(false);
    const others = [
      { ...passed, id: 'another' },
      { ...passed, drill: { ...passed.drill, seed: 2 } },
      { ...passed, verdict: 'fail' as const },
    ];
    for (const other of others) {
      rmSync(join(place, 'journal.ndjson'));
      plantResult(place, other);
      expect(counts(), JSON.stringify(other).slice(0, 80)).to.equal(false);
    }
    rmSync(place, { recursive: true });
    series.note(0, trial);
    series.close();
    expect(codesOf(readTrials(series.file)), 'removed').to.deep.equal([3, 3]);
  });

  it('counts no run of another drill, plan or series, whatever its file names', async () => {
    const [{ plan }] = (await drillsOf('one')) as [DrillRead];
    const { file, close } = beginSeries(await drillsOf('one'), once, { directory });
    close();
    const place = join(runs(), passed.id);
    const trial = { drill: 0, seed: 1, state: 'ended', run: passed.id, verdict: 'pass' } as const;
    const counts = (text: string, own: Partial<Result['drill']> = {}) => {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'plan.json'), text);
      const drill = { ...passed.drill, name: 'one', ...own };
      const begun = { t: 0, event: 'run.started', plan_sha256: sha256(text) } as RunEvent;
      plantResult(place, { ...passed, drill_version: version(), drill }, [begun]);
      return resultOfTrial(file, trial) !== null;
    };
    const own = JSON.stringify({ ...plan, seed: 1 });
    expect(counts(own)).to.equal(true);
    const easier = JSON.stringify({ ...plan, targets: { rto: { max_ms: 3_600_000 } } });
    expect(counts(easier), 'another plan').to.equal(false);
    writeFileSync(join(place, 'plan.json'), own);
    expect(resultOfTrial(file, trial), 'the plan put there afterwards').to.equal(null);
    expect(counts(own, { name: 'two' }), 'another drill').to.equal(false);
    const where = { series_seed: 1, moved_ms: 0, within_ms: 0, number: 0, of: 2, needed: 2 };
    const elsewhere = { trial: { ...where, series: 'another' } };
    expect(counts(own, elsewhere), 'another series').to.equal(false);
    rmSync(join(place, 'plan.json'));
    expect(resultOfTrial(file, trial), 'no plan').to.equal(null);
  });

  it('has the code of all that was ever due, whoever ran it', async () => {
    const drills = await drillsOf('one', 'two');
    const { file, close } = beginSeries(drills, once, { directory });
    close();
    const failed = { ...lostData, drill: { ...lostData.drill, name: 'one', seed: 1 } };
    mkdirSync(join(runs(), failed.id), { recursive: true });
    plantResult(join(runs(), failed.id), failed);
    const [first, second] = file.trials;
    const ended = { ...first!, state: 'ended', run: failed.id, verdict: 'fail' } as const;
    expect(codesOf(readTrials({ ...file, trials: [ended, second!] }))).to.deep.equal([1, 3]);
  });
});
