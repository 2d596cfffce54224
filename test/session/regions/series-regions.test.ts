import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { placeIds } from '../../../src/archive/run-list.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { DrillFlags } from '../../../src/drill/file/config.ts';
import { OperationFailed } from '../../../src/host/operation-failed.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';
import { ownRegionsReason } from '../../../src/session/regions/keepable.ts';
import { SeriesRegions, type Places } from '../../../src/session/regions/series-regions.ts';
import { resumeSeries, runSeries, runTrials } from '../../../src/session/series.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import type { Session, SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { readUndoLog } from '../../../src/evidence/undo.ts';
import type { StartClients } from '../../../src/workload/clients.ts';
import { ROOT } from '../../support/whole/drill-cli.ts';
import type { UpContext } from '../../../src/topology/system/system.ts';
import { barrenSource, notUp } from '../../support/noop/barren.ts';
import { sessionIn } from '../../support/cli/session.ts';

const drillNamed = (name: string, rest: string) =>
  `drill: 1\nname: ${name}\ntargets: { rto: 15s, rpo: 1s }\n${rest}\n`;
const WARM = 'topology: { strategy: warm-standby }\n';
const OUTAGE = 'faults: [{ at: 2s, kind: lose-region, region: east }]';

const DRILLS = join(ROOT, 'drills');

/** Nobody: no trial comes so far. */
const noClients: StartClients = () => {
  const exited = new Promise<never>(() => {});
  return { pid: 0, exited, request: () => Promise.resolve({}), end: () => Promise.resolve() };
};

/** Places in memory: what is done to them, in order, and what a test has them say. */
class MemoryPlaces implements Places {
  readonly done: string[] = [];
  readonly contexts: UpContext[] = [];
  remains: () => Promise<readonly string[]> = () => Promise.resolve([]);
  onHold: () => void = () => {};
  undo: () => Promise<void> = () => Promise.resolve();

  ownReason = ({ plan }: DrillRead) => (plan.name === 'other' ? 'it is another' : null);

  hold: Places['hold'] = async (_, context) => {
    this.onHold();
    const number = this.contexts.push(context);
    this.done.push(`place ${number}`);
    await context.defer({ undo: 'noop' }, async () => {
      this.done.push(`end of place ${number}`);
      await this.undo();
    });
    return {
      up: (run: UpContext) => {
        this.done.push(`up in place ${number}, seed ${run.plan.seed}`);
        return notUp();
      },
      remains: () => this.remains(),
      prepare: ({ name }: Plan) => void this.done.push(`prepared for ${name}`),
    };
  };
}

describe('the regions of a series', () => {
  let directory = '';
  let told: SessionEvent[] = [];
  let interrupt = new AbortController();
  const kill = new AbortController();
  let places = new MemoryPlaces();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-regions-'));
    told = [];
    interrupt = new AbortController();
    places = new MemoryPlaces();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const session = (onEvent?: (event: SessionEvent) => void): Session =>
    sessionIn({ directory, interrupt, kill, told, onEvent });

  async function drillsOf(...names: string[]): Promise<DrillRead[]> {
    const drills: DrillRead[] = [];
    for (const name of names) drills.push(await drillOf(name, `${WARM}${OUTAGE}`));
    return drills;
  }

  async function drillOf(name: string, rest: string): Promise<DrillRead> {
    writeFileSync(join(directory, `${name}.yaml`), drillNamed(name, rest));
    const { drill } = await readDrill(`${name}.yaml`, {}, session());
    return drill!;
  }

  const own = () => ({
    runtime: {
      up: () => {
        places.done.push('up of its own');
        return notUp();
      },
    },
    preflight: async () => {},
    release: () => {},
  });
  const idle = { limit_ms: null, against: null, source: own, startClients: noClients };
  const options = () => ({ ...idle, places });
  const runs = () => runsDirectory(directory);
  const how = (repeat: number, fresh = false) => ({ ...ONCE_AS_STATED, repeat, fresh, flags: {} });
  const seeds = () => listSeries(runs())[0]!.trials.map(({ seed }) => seed);
  const leftOf = () => placeIds(runs()).filter((id) => id.includes('-regions-'));

  it('are those of the trial before, made ready while that one ends', async () => {
    const [drill, trials] = [await drillsOf('one'), how(3)];
    const { runs: made, left } = await runTrials(drill, trials, session(), options());
    const [first, second, third] = seeds();
    expect(places.done).to.deep.equal([
      'place 1',
      `up in place 1, seed ${first}`,
      'prepared for one',
      `up in place 1, seed ${second}`,
      'prepared for one',
      `up in place 1, seed ${third}`,
      'end of place 1', // nothing was prepared for nobody
    ]);
    expect(made.map(({ result }) => result.regions)).to.deep.equal([
      { kept: false, why: 'the first of the series' },
      { kept: true, why: '' },
      { kept: true, why: '' },
    ]);
    // A busy machine has a note of its own before it.
    const told = made.map(({ result }) => result.notes.find((note) => note.startsWith('The reg')));
    expect(told).to.deep.equal([
      'The regions were this trial’s own: the first of the series.',
      ...Array.from({ length: 2 }, () => {
        return 'The regions were kept from the trial before: made as new, in the same place.';
      }),
    ]);
    expect(getEventListeners(kill.signal, 'abort'), 'a trial listens no longer').to.be.empty;
    expect(left).to.deep.equal([]);
    expect(leftOf(), 'the place leaves no directory').to.deep.equal([]);
    expect(existsSync(places.contexts[0]!.place.scratch)).to.equal(false);
  });

  it('have an undo log of their own, beside that of each trial', async () => {
    const logs: string[] = [];
    const looking = session((event) => {
      if (event.type !== 'event' || event.event.event !== 'regions.placed') return;
      const { directory: place } = places.contexts[0]!.place;
      const { owner, entries } = readUndoLog(join(place, 'undo.ndjson'));
      logs.push([owner!.run, ...entries.map(({ undo }) => undo)].join(' '));
    });
    const { runs: made } = await runTrials(await drillsOf('one'), how(2), looking, options());
    const { id } = places.contexts[0]!.place;
    expect(logs).to.deep.equal(Array.from({ length: 2 }, () => `${id} owner directory noop`));
    for (const { directory: run } of made) {
      const { owner, entries } = readUndoLog(join(run, 'undo.ndjson'));
      expect(owner!.run).not.to.equal(id);
      expect(entries.at(-1)!.undo).to.equal('done');
    }
  });

  it('are new for each trial where that is asked for, also when the series goes on', async () => {
    const drills = await drillsOf('one');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('enough'));
    });
    await runTrials(drills, how(3, true), stopping, options());
    interrupt = new AbortController();
    const series = resumeSeries(runs(), listSeries(runs())[0]!.id, drills);
    const { runs: rest } = await runSeries(series, drills, session(), options());
    expect(places.done).to.deep.equal(Array.from({ length: 3 }, () => 'up of its own'));
    expect(rest.map(({ result }) => result.regions)).to.deep.equal(
      Array.from({ length: 2 }, () => ({ kept: false, why: 'asked for by --fresh' })),
    );
  });

  it('are new where anything is left of the trial before, or nobody can say', async () => {
    const answers = [
      () => Promise.resolve(['process 7', 'directory east']),
      () => Promise.reject(new OperationFailed(NO_ANSWER)),
    ];
    places.remains = () => answers.shift()?.() ?? Promise.resolve([]);
    const { runs: made } = await runTrials(await drillsOf('one'), how(4), session(), options());
    expect(made.map(({ result }) => result.regions!.why)).to.deep.equal([
      'the first of the series',
      'left in those of the trial before: process 7, directory east',
      'left in those of the trial before: /proc: expected an answer, found none',
      '',
    ]);
    const steps = places.done.filter((deed) => deed.includes('place') && !deed.startsWith('up'));
    expect(steps, 'never two at once').to.deep.equal([
      ...['place 1', 'end of place 1', 'place 2', 'end of place 2', 'place 3', 'end of place 3'],
    ]);
  });

  it('go before a trial that has its own, and are not taken for the last one alone', async () => {
    const drills = await drillsOf('one', 'other');
    const { runs: made } = await runTrials(drills, how(2), session(), options());
    expect(places.done).to.deep.equal(Array.from({ length: 4 }, () => 'up of its own'));
    expect(made.map(({ result }) => result.regions!.why)).to.deep.equal([
      'no trial comes after it that could have them',
      'it is another',
      'no trial comes after it that could have them',
      'it is another',
    ]);
  });

  it('serve several drills of a series', async () => {
    await runTrials(await drillsOf('one', 'two'), how(1), session(), options());
    const done = places.done.map((deed) => deed.replace(/, seed.*/, ''));
    expect(done).to.deep.equal([
      ...['place 1', 'up in place 1', 'prepared for two', 'up in place 1', 'end of place 1'],
    ]);
    const three = await drillOf('three', `${WARM.replace(' }', ', gslb: { ttl: 9s } }')}${OUTAGE}`);
    const [one] = await drillsOf('one');
    const { runs: made } = await runTrials([one!, one!, three], how(1), session(), options());
    expect(made.at(-1)!.result.regions).to.deep.equal({
      kept: false,
      why: 'those of the trial before differ in topology.gslb.ttl',
    });
  });

  it('are nobody’s after an interruption, and new ones when the series goes on', async () => {
    const drills = await drillsOf('one');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('enough'));
    });
    await runTrials(drills, how(3), stopping, options());
    expect(places.done.at(-1)).to.equal('end of place 1');
    expect(leftOf()).to.deep.equal([]);
    interrupt = new AbortController();
    const series = resumeSeries(runs(), listSeries(runs())[0]!.id, drills);
    const { runs: rest } = await runSeries(series, drills, session(), options());
    expect(rest.map(({ result }) => result.regions!.kept)).to.deep.equal([false, true]);
    expect(places.done.filter((deed) => deed.startsWith('place'))).to.have.length(2);
  });

  it('that cannot be made are that trial’s failure, and the next one tries again', async () => {
    let tries = 0;
    places.onHold = () => {
      if (++tries === 1) throw new EnvironmentError({ ...NO_DISK });
    };
    const { runs: made } = await runTrials(await drillsOf('one'), how(3), session(), options());
    expect(made[0]!.result.verdict).to.equal('environment');
    expect(made[0]!.result.reasons.join()).to.include('600 MB');
    expect(made.map(({ result }) => result.regions?.kept)).to.deep.equal([undefined, false, true]);
    expect(leftOf()).to.deep.equal([]);
  });

  it('that cannot be cleaned up stay on the disk with their log, and somebody is told', async () => {
    places.undo = () => Promise.reject(new Error('process 7 does not end'));
    const { left } = await runTrials(await drillsOf('one'), how(2), session(), options());
    const { id, directory: place } = places.contexts[0]!.place;
    expect(left[0]).to.equal(`${id}: an effect of the kind noop: process 7 does not end`);
    const warnings = told.flatMap((each) => (each.type === 'warning' ? [each.text] : []));
    expect(warnings[0]).to.equal(`not cleaned up (drill clean tries again): ${left[0]}`);
    expect(leftOf()).to.deep.equal([id]);
    expect(readFileSync(join(place, 'undo.ndjson'), 'utf8')).not.to.include('"done"');
    rmSync(places.contexts[0]!.place.scratch, { recursive: true });
  });

  it('are not spoken of where the system is somebody’s own: drill makes none', async () => {
    const here = { ...session(), directory: DRILLS };
    const { drill } = await readDrill('attached/two-servers.yaml', {}, here);
    const regions = new SeriesRegions({ fresh: false, session: here, source: barrenSource });
    const said: string[] = [];
    const context: Partial<UpContext> = { emit: (event) => void said.push(event) };
    const { runtime } = regions.sourceBefore(null)(drill!, { id: 'a' }, here);
    await runtime.up(context as UpContext).catch(() => {});
    expect(said).to.deep.equal([]);
  });

  it('can be kept by strategy, disks, data, runtime and whether they stay up', async () => {
    const stock = async (file: string, flags: DrillFlags = {}) => {
      const here = { ...session(), directory: DRILLS };
      const { drill } = await readDrill(`${file}.yaml`, flags, here);
      return ownRegionsReason(drill!);
    };
    for (const file of ['region-outage', 'region-outage-redis', 'strategies/pilot-light']) {
      expect(await stock(file), file).to.equal(null);
    }
    expect(await stock('strategies/active-active')).to.include('replicate to each other');
    expect(await stock('backup-gap')).to.include('base backups and the log');
    const set = (what: string) => stock('region-outage', { set: [what] });
    expect(await set('faults.0.disks=destroyed')).to.equal('the disks of a region are destroyed');
    const own = 'topology.data has no room for copies of two trials';
    expect(await set('topology.data=20MB')).to.equal(own);
    expect(await set('runtime=compose')).to.equal(
      'on compose each trial has its own: no container or volume could be kept',
    );
    const warm = await drillOf('warm', `${WARM}${OUTAGE}`);
    const staying = { ...warm, settings: { ...warm.settings, keep: 'always' as const } };
    expect(ownRegionsReason(staying)).to.equal('they are to stay up (--keep always)');
  });
});

const NO_ANSWER = { what: '/proc', expected: 'an answer', found: 'none' };
const NO_DISK = { what: 'the disk', expected: '600 MB free', found: '1 MB', hint: 'free some' };
