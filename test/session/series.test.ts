import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../src/archive/run-directory.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { readDrill, type DrillRead } from '../../src/session/read.ts';
import { trialSeed } from '../../src/drill/plan/trial.ts';
import { beginSeries, resumeSeries, runSeries, runTrials } from '../../src/session/series.ts';
import { listSeries, seriesFile, type SeriesFile } from '../../src/session/series-files.ts';
import type { Session, SessionEvent } from '../../src/session/session.ts';
import { codesOf, judgedOf, unmadeOf } from '../../src/session/series-results.ts';
import { ONCE_AS_STATED } from '../../src/session/trials.ts';
import { plantResult } from '../support/evidence/plant-result.ts';
import { passed } from '../support/evidence/results.ts';
import { barrenSource } from '../support/noop/barren.ts';
import { sessionIn } from '../support/cli/session.ts';

const DRILL = `drill: 1
name: outage
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

const due = ({ file }: ReturnType<typeof beginSeries>) =>
  file.trials.flatMap(({ state }, number) => (state === 'due' ? [number] : []));

describe('a session without a terminal', () => {
  let directory = '';
  let told: SessionEvent[] = [];
  let interrupt = new AbortController();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-session-'));
    told = [];
    interrupt = new AbortController();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const session = (onEvent?: (event: SessionEvent) => void): Session =>
    sessionIn({ directory, interrupt, told, onEvent });

  async function drillsOf(...names: string[]): Promise<DrillRead[]> {
    const drills: DrillRead[] = [];
    for (const name of names) {
      writeFileSync(join(directory, `${name}.yaml`), DRILL.replace('outage', name));
      const { drill } = await readDrill(`${name}.yaml`, {}, session());
      if (drill !== null) drills.push(drill);
    }
    return drills;
  }

  const options = {
    limit_ms: null,
    against: null,
    source: barrenSource,
  };
  const runs = () => runsDirectory(directory);
  const once = { ...ONCE_AS_STATED, flags: {} };

  it('runs a drill and is told its plan, its events and its result', async () => {
    const { runs: all, series } = await runTrials(
      await drillsOf('outage'),
      once,
      session(),
      options,
    );
    const [made] = all;
    expect(series, 'one run is no series').to.equal(null);
    expect(made!.result.verdict).to.equal('environment');
    expect(made!.result.reasons.join()).to.include('East/postgres: expected that it answers');
    expect(existsSync(join(made!.directory, 'result.json'))).to.equal(true);
    expect(told.map(({ type }) => type).filter((type) => type !== 'event')).to.deep.equal([
      'trial',
      'begun',
      'ended',
    ]);
    const events = told.flatMap((each) => (each.type === 'event' ? [each.event.event] : []));
    expect(events).to.include.members(['run.started', 'environment.failed', 'run.finished']);
    expect(listSeries(runs()), 'one run is no series').to.deep.equal([]);
  });

  it('writes a series before its first trial, and what came of each after it', async () => {
    const seen: SeriesFile[] = [];
    const drills = await drillsOf('one', 'two');
    const watching = session(({ type }) => {
      if (type === 'trial' || type === 'ended') seen.push(...listSeries(runs()));
    });
    const { runs: made } = await runTrials(drills, { ...once, repeat: 2 }, watching, options);
    const states = seen.map(({ trials }) => trials.map(({ state }) => state).join(' '));
    expect(states[0]).to.equal('due due due due');
    expect(states[1]).to.equal('running due due due');
    expect(states[2]).to.equal('ended due due due');
    const [series] = listSeries(runs());
    expect(series!.drills.map(({ name }) => name)).to.deep.equal(['one', 'two']);
    const places = made.map(({ result }) => result.drill.trial!);
    expect(new Set(places.map((place) => place.series))).to.deep.equal(new Set([series!.id]));
    expect(places.map(({ number, of, needed }) => [number, of, needed])).to.deep.equal([
      ...[
        [0, 2, 2],
        [0, 2, 2],
      ],
      ...[
        [1, 2, 2],
        [1, 2, 2],
      ],
    ]);
    expect(series!.trials.map(({ drill }) => drill)).to.deep.equal([0, 1, 0, 1]);
    expect(series!.trials.map(({ run }) => run)).to.deep.equal(made.map(({ result }) => result.id));
    expect(
      series!.trials.map(({ seed }) => seed),
      'those of a round are alike',
    ).to.deep.equal([1, 1, trialSeed(1, 1), trialSeed(1, 1)]);
    expect(made.map(({ drill, result }) => [drill.plan.seed, result.drill.seed])).to.deep.equal(
      series!.trials.map(({ seed }) => [seed, seed]),
    );
    expect(new Set(series!.trials.map(({ verdict }) => verdict))).to.deep.equal(
      new Set(['environment']),
    );
  });

  it('goes on where it was interrupted', async () => {
    const drills = await drillsOf('one', 'two');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('enough'));
    });
    const made = await runTrials(drills, once, stopping, options);
    expect(made.runs).to.have.length(1);
    const reasons = ['it was not run: the series was broken off before'];
    expect(unmadeOf(made.series!)).to.deep.equal([{ file: 'two.yaml', reasons }]);
    interrupt = new AbortController();
    const [{ id } = { id: '' }] = listSeries(runs());
    const series = resumeSeries(runs(), id, drills);
    expect(due(series)).to.deep.equal([1]);
    const { runs: rest } = await runSeries(series, drills, session(), options);
    expect(rest.map(({ drill }) => drill.plan.name)).to.deep.equal(['two']);
    expect(listSeries(runs())[0]!.trials.map(({ state }) => state)).to.deep.equal([
      'ended',
      'ended',
    ]);
  });

  it('goes on after its runner was killed: a run with a result counts, another is due', async () => {
    const drills = await drillsOf('one', 'two', 'three');
    const series = beginSeries(drills, once, { directory });
    const { id } = series.file;
    series.note(0, { state: 'running', run: passed.id });
    series.note(1, { state: 'running', run: 'gone' });
    series.note(2, { state: 'running', run: 'stopped' });
    series.close();
    const made = { ...passed, drill: { ...passed.drill, name: 'one' } };
    const name = 'three';
    const stopped = {
      ...passed,
      id: 'stopped',
      verdict: 'interrupted',
      drill: { ...passed.drill, name },
    } as const;
    for (const result of [made, stopped]) {
      mkdirSync(join(runs(), result.id), { recursive: true });
      plantResult(join(runs(), result.id), result);
    }
    const again = resumeSeries(runs(), id, drills);
    expect(due(again), 'one that was stopped first says nothing').to.deep.equal([1, 2]);
    const [first, second] = again.file.trials;
    expect(first).to.include({ state: 'ended', run: passed.id, verdict: 'pass' });
    expect(second).to.include({ state: 'due', run: null });
    again.close();
  });

  it('keeps with what it was begun, for whoever goes on with it', async () => {
    const drills = await drillsOf('one', 'two');
    const begun = { ...once, limit_ms: 90_000, against: passed.id };
    const series = beginSeries(drills, begun, { directory });
    series.close();
    const again = resumeSeries(runs(), series.file.id, drills);
    expect(again.file).to.include({ limit_ms: 90_000, against: passed.id });
    expect(again.file.drills.map(({ runtime }) => runtime)).to.deep.equal(['auto', 'auto']);
    again.close();
    const plain = beginSeries(drills, once, { directory });
    expect(plain.file).to.include({ limit_ms: null, against: null });
    plain.close();
  });

  it('is run by one process at a time', async () => {
    const drills = await drillsOf('one', 'two');
    const { file } = beginSeries(drills, once, { directory });
    expect(() => resumeSeries(runs(), file.id, drills)).to.throw(EnvironmentError);
  });

  it('says how to go on where its file cannot be written, which stays as it was', async () => {
    const series = beginSeries(await drillsOf('one', 'two'), once, { directory });
    const path = seriesFile(runs(), series.file.id);
    const before = readFileSync(path, 'utf8');
    // As on a full disk: no other text can be made ready in its place.
    mkdirSync(join(`${path}.half`, 'full'), { recursive: true });
    const noted = () => series.note(0, { state: 'running', run: passed.id });
    expect(noted).to.throw(EnvironmentError, /room for what came of its trials/);
    expect(readFileSync(path, 'utf8')).to.equal(before);
    series.close();
  });

  it('refuses to go on with a drill that was changed', async () => {
    const drills = await drillsOf('one', 'two');
    const series = beginSeries(drills, once, { directory });
    series.close();
    writeFileSync(join(directory, 'two.yaml'), DRILL.replace('15s', '16s'));
    const { drill } = await readDrill('two.yaml', {}, session());
    expect(() => resumeSeries(runs(), series.file.id, [drills[0]!, drill!])).to.throw(
      'two.yaml: expected the drill as it was',
    );
    const text = readFileSync(seriesFile(runs(), series.file.id), 'utf8');
    expect(text, 'untouched').to.include('"due"');
  });

  it('skips the rest after so many trials that did not pass, and has nothing left to go on with', async () => {
    const drills = await drillsOf('one');
    const how = { ...once, repeat: 4, maxFailures: 1 };
    const { runs: made, series } = await runTrials(drills, how, session(), options);
    expect(made).to.have.length(1);
    expect(series!.file.trials.map(({ state }) => state)).to.deep.equal([
      ...['ended', 'skipped', 'skipped', 'skipped'],
    ]);
    expect(judgedOf(series!).map((each) => [each.verdict, each.made, each.planned])).to.deep.equal([
      ['environment', 1, 4],
    ]);
    expect(codesOf(series!)).to.deep.equal([4]);
    expect(() => resumeSeries(runs(), series!.file.id, drills)).to.throw('no trial of it is due');
  });

  it('gives every trial the seed of the series where that is asked for', async () => {
    const drills = await drillsOf('one');
    const how = { ...once, repeat: 2, sameSeed: true };
    const { runs: made } = await runTrials(drills, how, session(), options);
    const plans = made.map(({ drill: { plan } }) => JSON.stringify([plan.seed, plan.faults]));
    expect(new Set(plans).size).to.equal(1);
    expect(
      told.filter(({ type }) => type === 'series'),
      'told once',
    ).to.have.length(1);
    expect(told.at(-1)!.type).to.equal('series');
    expect(made[0]!.drill.plan.trial, 'a trial, with its faults moved').not.to.equal(undefined);
  });
});
