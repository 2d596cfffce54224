// A series whose runner was killed goes on: what its trial and its regions had left goes first.
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { makeScratch, scratchName } from '../../../src/engine/begin/scratch.ts';
import { createUndoLog } from '../../../src/evidence/undo.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { newPlace } from '../../../src/session/place.ts';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';
import { beginSeries, resumeSeries, runSeries } from '../../../src/session/series.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import type { Session, SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { EXIT } from '../../../src/verdict/exit-code.ts';
import { barrenSource } from '../../support/noop/barren.ts';
import { sessionIn } from '../../support/cli/session.ts';

const DRILL = `drill: 1
name: outage
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

const options = {
  limit_ms: null,
  against: null,
  source: barrenSource,
};

describe('a series that goes on after its runner was killed', () => {
  let directory = '';
  let told: SessionEvent[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-remains-'));
    told = [];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const runs = () => runsDirectory(directory);
  const session = (onEvent?: (event: SessionEvent) => void): Session =>
    sessionIn({ directory, interrupt: new AbortController(), told, onEvent });

  async function drillsOf(...names: string[]): Promise<DrillRead[]> {
    const drills: DrillRead[] = [];
    for (const name of names) {
      writeFileSync(join(directory, `${name}.yaml`), DRILL.replace('outage', name));
      drills.push((await readDrill(`${name}.yaml`, {}, session())).drill!);
    }
    return drills;
  }

  /** A series whose runner was killed in its first trial, with the scratch directories it had. */
  async function brokenOff(drills: readonly DrillRead[]) {
    const series = beginSeries(drills, { ...ONCE_AS_STATED, flags: {} }, { directory });
    const left = (['run', 'regions'] as const).map((as) => {
      const { id: run, directory: at } = newPlace(runs(), 'one', as);
      const scratch = join(directory, scratchName(run));
      const whose = { run, key: 'ab'.repeat(16), owner: { pid: 2 ** 22 + 1, started: '1' } };
      const log = createUndoLog(join(at, 'undo.ndjson'));
      log.append({ undo: 'owner', ...whose, scratch });
      log.append({ undo: 'directory', path: scratch });
      log.close();
      makeScratch(scratch, whose, at);
      return { id: run, directory: at, scratch };
    });
    const [killed, place] = left;
    series.noteToClean(place!.id, true);
    series.note(0, { state: 'running', run: killed!.id });
    series.close();
    return { series: series.file.id, killed: killed!, place: place! };
  }

  it('cleans up what a killed trial, and regions that trials shared, had left before it goes on', async () => {
    const drills = await drillsOf('one', 'two');
    const { series, killed, place } = await brokenOff(drills);
    const again = resumeSeries(runs(), series, drills);
    expect(again.file.to_clean).to.deep.equal([place.id, killed.id]);
    let thereAtTrial: readonly boolean[] = [];
    const looking = session(({ type }) => {
      const scratches = [killed.scratch, place.scratch];
      if (type === 'begun' && thereAtTrial.length === 0) thereAtTrial = scratches.map(existsSync);
    });
    await runSeries(again, drills, looking, options);
    expect(thereAtTrial, 'gone before the first trial').to.deep.equal([false, false]);
    for (const { id } of [killed, place]) {
      const said = told.flatMap((each) => (each.type === 'warning' ? [each.text] : []));
      expect(said).to.include(`${id} was broken off: what it had left was cleaned up`);
    }
    expect(listSeries(runs())[0]!.to_clean, 'nothing to clean any more').to.deep.equal([]);
  });

  it('runs no trial beside what cannot be cleaned up, and gives the series back', async () => {
    const drills = await drillsOf('one', 'two');
    const { series, killed } = await brokenOff(drills);
    // Nobody can tell any more whose it is.
    writeFileSync(join(killed.directory, 'undo.ndjson'), 'damaged\n');
    const again = () => runSeries(resumeSeries(runs(), series, drills), drills, session(), options);
    for (const attempt of ['first', 'second']) {
      const error = await again().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, attempt).to.be.instanceOf(UserError);
      expect((error as UserError).exitCode).to.equal(EXIT.unclean);
      expect((error as UserError).message).to.include(
        `\n  ${killed.id}: the first line of its undo log`,
      );
    }
    expect(told.filter(({ type }) => type === 'begun')).to.deep.equal([]);
  });
});
