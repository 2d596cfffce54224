// The published schemas: files of runs that older versions made, of runs of today and of series are
// as they say, no key of a new file is unknown to them, and other values are refused.
import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { readEvidence, runFile } from '../../src/evidence/run-files.ts';
import { evidenceSchema, SCHEMA_NAMES } from '../../src/evidence/schemas.ts';
import { sealer } from '../../src/evidence/seal.ts';
import { seriesIn } from '../../src/evidence/series-form.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { compiledSchemas, invalidIn, type Schemas } from '../support/evidence/valid-files.ts';
import { noopPlan, noopRedis } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { corpusRuns, unpackRun } from './corpus.ts';

const KILL = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 });
const CUT = plannedFault('partition', { link: 'east-west' }, { at_ms: 300, heal_after_ms: 900 });
const faults = [KILL];
const PLANS: Readonly<Record<string, Plan>> = {
  'a failover and the way back': noopPlan('warm-standby', { faults, failback: true }),
  'two stores': noopPlan('warm-standby', { faults, redis: noopRedis }),
  'a restore': noopPlan('backup-restore', { faults }),
  'two primaries that ride it out': noopPlan(
    'active-active',
    { faults: [CUT], expect: 'ride-out' },
    'ride-out',
  ),
};

const series = {
  schema: 'drill.series/1',
  id: '20261128T101010Z-outage-series-0a1b',
  runs: '/srv/.drill/runs',
  flags: { set: ['targets.rto=5s'], seed: '7', out: 'runs', keep: 'never', runtime: 'embedded' },
  drills: [
    { file: 'a.yaml', name: 'a', plan_hash: 'aa', rule: { gate: 'median' }, moved: true },
    { file: 'b.yaml', name: 'b', plan_hash: 'bb', rule: { at_least: { met: 9, of: 10 } } },
    { file: 'c.yaml', name: 'c', plan_hash: 'cc' },
  ],
  trials: [
    { drill: 0, seed: 1, state: 'ended', run: '20261128T101011Z-a-0a1b', verdict: 'pass' },
    { drill: 2, seed: 9, state: 'due', run: null, verdict: null },
  ],
  max_failures: 2,
  fresh: true,
};

type Tree = Readonly<Record<string, unknown>>;

describe('the schemas of what drill writes', () => {
  let folder = '';
  let open: Schemas;
  let strict: Schemas;
  before(() => {
    open = compiledSchemas({ isClosed: false });
    strict = compiledSchemas({ isClosed: true });
  });
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const linesOf = (directory: string) =>
    readFileSync(runFile(directory, 'journal'), 'utf8').trimEnd().split('\n');
  const expectValid = (directory: string, schemas: Schemas) =>
    expect(invalidIn(directory, schemas)).to.deep.equal([]);

  for (const name of corpusRuns()) {
    it(`have what stands in the run ${name}, of before`, () => {
      const place = join(folder, name);
      unpackRun(name, place);
      expectValid(place, open);
    });
  }

  for (const [name, plan] of Object.entries(PLANS)) {
    it(`name every key of a run of today: ${name}`, async () => {
      const { verdict } = await new NoopRun(plan).run(undefined, (place) => {
        expectValid(place, strict);
        const [first = ''] = linesOf(place);
        expect((JSON.parse(first) as Tree)['schema']).to.equal('drill.journal/1');
      });
      expect(verdict).to.equal('pass');
    });
  }

  it('have a run that nobody could bring up, and one that was stopped', async () => {
    const run = new NoopRun(noopPlan('warm-standby', { faults }));
    run.failWith(new Error('a bug'));
    const failed = await run.run(undefined, (place) => expectValid(place, strict));
    expect(failed.verdict).to.equal('internal');
    const stopped = new NoopRun(noopPlan('warm-standby', { faults }), 1_500);
    const { verdict } = await stopped.run(undefined, (place) => expectValid(place, strict));
    expect(verdict).to.equal('inconclusive');
  });

  it('have a series, and one of before trials had rules', () => {
    expect(strict.series(series), JSON.stringify(strict.series.errors)).to.equal(true);
    expect(seriesIn(series)).to.equal(series);
    const { max_failures: _, fresh: __, ...old } = series;
    expect(open.series(old)).to.equal(true);
    const later = { ...series, colour: 'green', flags: { colour: 'red' } };
    expect(open.series(later)).to.equal(true);
    expect(seriesIn(later), 'what a later version added stays').to.deep.equal(later);
  });

  it('refuse what no version wrote, as drill does when it reads', () => {
    const changed: Tree[] = [
      { schema: 'drill.series/2' },
      { trials: [{ ...series.trials[0], state: 'done' }] },
      { trials: [{ ...series.trials[0], verdict: 'green' }] },
      { trials: [{ ...series.trials[0], seed: 1.5 }] },
      { trials: [{ ...series.trials[0], drill: -1 }] },
      { drills: [{ ...series.drills[0], rule: { gate: 'best' } }] },
      { drills: [{ file: 'a.yaml', name: 'a' }] },
      { max_failures: 0 },
      { flags: { set: 'targets.rto=5s' } },
    ];
    for (const change of changed) {
      const other = { ...series, ...change };
      expect(open.series(other), JSON.stringify(change)).to.equal(false);
      expect(seriesIn(other), JSON.stringify(change)).to.equal(null);
    }
    expect(seriesIn({ ...series, drills: series.drills.slice(0, 1) }), 'a trial of none').to.equal(
      null,
    );
    const line = { t: 1, event: 'phase.ended', phase: 'up', ms: 3, n: 4, sum: '00ff00ff' };
    expect(open.journal(line)).to.equal(true);
    const { n: _, sum: __, ...unsealed } = line;
    expect(open.journal(unsealed), 'of before 0.2').to.equal(true);
    const others = [{ phase: 'sleep' }, { ms: '3' }, { event: 'phase.over' }, { colour: 'green' }];
    for (const change of [...others, { n: -1 }, { sum: 'x' }, { t: null }]) {
      expect(open.journal({ ...line, ...change }), JSON.stringify(change)).to.equal(false);
    }
    expect(open.result({ schema: 'drill.result/1' })).to.equal(false);
  });

  it('are versioned as the files are', () => {
    const ids = SCHEMA_NAMES.map((name) => evidenceSchema(name)['$id']);
    expect(ids).to.deep.equal([
      'urn:dr-drill:result:1',
      'urn:dr-drill:journal:1',
      'urn:dr-drill:series:1',
      'urn:dr-drill:gameday:1',
      'urn:dr-drill:restore:1',
      'urn:dr-drill:message:1',
      'urn:dr-drill:plan:2',
    ]);
    for (const name of SCHEMA_NAMES) {
      const { $schema } = evidenceSchema(name);
      expect($schema).to.equal('http://json-schema.org/draft-07/schema#');
    }
  });

  it('are committed as drill prints them: npm run docs', () => {
    for (const name of SCHEMA_NAMES) {
      const file = new URL(`../../docs/schemas/${name}.schema.json`, import.meta.url);
      expect(JSON.parse(readFileSync(file, 'utf8')), name).to.deep.equal(evidenceSchema(name));
    }
  });

  it('a journal of a later format is not judged here', async () => {
    await new NoopRun(noopPlan('warm-standby', { faults })).run(undefined, (place) => {
      const sealed = sealer();
      const later = linesOf(place).map((line, at) => {
        const { n: _, sum: __, ...event } = JSON.parse(line) as Tree;
        return sealed(at === 0 ? { ...event, schema: 'drill.journal/2' } : event);
      });
      writeFileSync(runFile(place, 'journal'), `${later.join('\n')}\n`);
      const [problem] = readEvidence(place).problems;
      expect(problem).to.include({ file: 'journal.ndjson', isUnread: true });
      expect(problem!.problem).to.include('drill.journal/2');
    });
  });
});
