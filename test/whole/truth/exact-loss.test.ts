// Services that lie, each in one way: every harmed write is found, and no other. The ids come from
// what the stub did.
import { expect } from 'chai';
import { classesOf } from '../../../src/measure/failback/failback-loss.ts';
import { CLASS_NAMES, type ClassName } from '../../../src/drill/measurement.ts';
import { readEvidence } from '../../../src/evidence/run-files.ts';
import { assess } from '../../../src/verdict/assess.ts';
import type { Result } from '../../../src/verdict/result.ts';
import type {
  Behaviour,
  KnownRequest,
  KnownRow,
  KnownService,
} from '../../../src/selftest/known/service.ts';
import { rmSync } from 'node:fs';
import { SERVE, type TruthRun, type TruthScenario } from '../../../src/selftest/known/run.ts';
import { runTruths } from '../../../src/selftest/known/runs.ts';
import { requireEven } from '../../support/truth/even.ts';
import { changeStored, copyOf } from '../../support/truth/variants.ts';

const EVERY = 7;
const SLACK_MS = 15;

type Named = Pick<KnownRow, 'writer' | 'sequence'>;
const idOf = ({ writer, sequence }: Named) => `${writer}-${sequence}`;
const idsOf = (rows: readonly Named[]) => rows.map(idOf).sort();

/** The ids of each class that has any, as the evidence gives them. */
function foundIn({
  directory,
}: {
  readonly directory: string;
}): Partial<Record<ClassName, string[]>> {
  const evidence = readEvidence(directory);
  const [store] = evidence.stores;
  const { classes, unexpected } = classesOf(evidence, store!)!;
  const found: Partial<Record<ClassName, string[]>> = {};
  const add = (name: ClassName, id: Named) => (found[name] ??= []).push(idOf(id));
  classes.forEach((value, row) => {
    const { writer, sequence } = store!.operations!;
    const name = CLASS_NAMES[value];
    if (name !== undefined) add(name, { writer: writer.at(row), sequence: sequence.at(row) });
  });
  for (const id of unexpected) add('unexpected', id);
  for (const ids of Object.values(found)) ids.sort();
  return found;
}

/** The orders that the service says it lied about, as far as it answered them. */
function harmed({ harmed: its, requests }: KnownService): KnownRequest[] {
  const ids = new Set(its.map(idOf));
  return requests.filter((each) => each.status !== null && ids.has(idOf(each)));
}

function during({ east }: TruthRun, kind: Behaviour['kind']): KnownRequest[] {
  const at = east.switches.findIndex(({ behave }) => behave.kind === kind);
  const from = east.switches[at]!.at_ms;
  const to = east.switches[at + 1]!.at_ms;
  return east.requests.filter(({ at_ms }) => at_ms >= from && at_ms < to);
}

const OUTAGE = [
  { after_ms: 0, behave: { kind: 'hang' } },
  { after_ms: 200, behave: SERVE },
] as const;
/** Requests whose fate stays open, of every kind, and a service that is well afterwards. */
const UNKNOWN = [
  { after_ms: 0, behave: { kind: 'hang' } },
  { after_ms: 150, behave: { kind: 'late', by_ms: 700 } },
  { after_ms: 300, behave: { kind: 'warn' } },
  { after_ms: 450, behave: { kind: 'reset' } },
  { after_ms: 600, behave: { kind: 'fail' } },
  { after_ms: 750, behave: { kind: 'decline' } },
  { after_ms: 900, behave: SERVE },
] as const;

const SCENARIOS = {
  dropping: { steps: OUTAGE, lie: { kind: 'drop', every: EVERY } },
  doubling: { steps: OUTAGE, lie: { kind: 'store-twice', every: EVERY } },
  altering: { steps: OUTAGE, lie: { kind: 'alter', every: EVERY } },
  keeping: { steps: OUTAGE, lie: { kind: 'keep-refused', every: EVERY } },
  unknown: { steps: UNKNOWN },
  honest: { steps: OUTAGE, targets: { lost_writes: 0 } },
  moving: {
    steps: [{ after_ms: 0, behave: { kind: 'hang' } }],
    redirect_ms: 200,
    lie: { kind: 'drop', every: EVERY },
  },
} satisfies Record<string, TruthScenario>;
type Name = keyof typeof SCENARIOS;

describe('the count of what survived', function () {
  this.timeout(60_000);
  const runs = new Map<Name, TruthRun>();
  const run = (name: Name) => runs.get(name)!;

  before(async () => {
    const names = Object.keys(SCENARIOS) as Name[];
    for (const some of [names.slice(0, 4), names.slice(4)]) {
      const made = await runTruths(some.map((name) => SCENARIOS[name]));
      for (const [at, name] of some.entries()) runs.set(name, made[at]!);
    }
  });
  const copies: string[] = [];
  /** A copy of the honest run in which the serving database holds these rows. */
  const holding = (rows: readonly KnownRow[]) => {
    const directory = copyOf(run('honest').directory);
    copies.push(directory);
    changeStored(directory, rows);
    return directory;
  };
  after(() => {
    for (const one of runs.values()) one.remove();
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  });

  it('finds every row that a service dropped after acknowledging it, and only those', function () {
    requireEven(this, run('dropping'));
    const dropped = harmed(run('dropping').east);
    expect(dropped.length).to.be.greaterThan(50);
    expect(dropped.every(({ status }) => status === 201)).to.equal(true);
    const found = foundIn(run('dropping'));
    expect(found.lost).to.deep.equal(idsOf(dropped));
    expect(Object.keys(found)).to.have.members(['lost', 'kept', 'vanished']);
    const result = run('dropping').assess();
    expect(result.verdict).to.equal('fail');
    expect(result.reasons[0]).to.match(/^RPO .* over its target of 1 s/);
    expect(result.loss).to.include({ lost: dropped.length, lost_bytes: dropped.length * 64 });
    expect(result.loss!.lost_ids).to.deep.equal(dropped.slice(0, 20).map(idOf));
  });

  it('finds every row that a service stored twice, and only those', () => {
    const doubled = harmed(run('doubling').east);
    expect(doubled.length).to.be.greaterThan(50);
    const found = foundIn(run('doubling'));
    expect(found.duplicated).to.deep.equal(idsOf(doubled));
    expect(Object.keys(found)).to.have.members(['duplicated', 'kept', 'vanished']);
    expectLie(run('doubling').assess(), `${doubled.length} writes are present more than once`);
  });

  it('finds every payload that a service altered, and only those', () => {
    const altered = harmed(run('altering').east);
    expect(altered.length).to.be.greaterThan(50);
    const found = foundIn(run('altering'));
    expect(found.corrupt).to.deep.equal(idsOf(altered));
    expect(Object.keys(found)).to.have.members(['corrupt', 'kept', 'vanished']);
    const words = `${altered.length} writes are present with a payload that no client sent`;
    expectLie(run('altering').assess(), words);
  });

  it('finds every row that a service refused and kept, and only those', () => {
    const kept = harmed(run('keeping').east);
    expect(kept.length).to.be.greaterThan(50);
    expect(kept.every(({ status }) => status === 503)).to.equal(true);
    const found = foundIn(run('keeping'));
    expect(found.unexpected).to.deep.equal(idsOf(kept));
    expect(Object.keys(found)).to.have.members(['unexpected', 'kept', 'vanished']);
    const words = `${kept.length} writes are present although refused or never sent`;
    expectLie(run('keeping').assess(), words);
  });

  it('finds a row that nobody sent', () => {
    const { stored } = run('honest').east;
    const stranger = { ...stored[0]!, sequence: 4_000_000 };
    const directory = holding([...stored, stranger]);
    expect(foundIn({ directory }).unexpected).to.deep.equal([idOf(stranger)]);
    const result = assess(readEvidence(directory));
    expectLie(result, '1 write is present although refused or never sent');
  });

  it('finds the newest writes when the survivors end before them, and how old they are', function () {
    requireEven(this, run('honest'));
    const { east, times } = run('honest');
    const before = east.requests.filter(({ at_ms }) => at_ms < times.started - SLACK_MS);
    const newest = before.slice(-37);
    const ids = new Set(newest.map(idOf));
    const directory = holding(east.stored.filter((row) => !ids.has(idOf(row))));
    expect(foundIn({ directory }).lost).to.deep.equal(idsOf(newest));
    const { verdict, loss, reasons } = assess(readEvidence(directory));
    expect(verdict).to.equal('fail');
    expect(reasons).to.deep.equal(['Lost writes: 37, and none is allowed.']);
    // Counted from acknowledgements, which come shortly after the requests did.
    expect(loss!.rpo_ms).to.be.closeTo(times.started - newest[0]!.at_ms, SLACK_MS);
    const survivor = before.at(-38)!;
    expect(loss!.rpo_high_ms).to.be.closeTo(times.injected - survivor.at_ms, SLACK_MS);
    expect(loss!.rpo_high_ms).to.be.greaterThan(loss!.rpo_ms!);
  });

  it('holds no write without a clear answer to be lost, whether it is there or not', function () {
    requireEven(this, run('unknown'));
    const { east } = run('unknown');
    const found = foundIn(run('unknown'));
    const gone = [...during(run('unknown'), 'hang'), ...during(run('unknown'), 'reset')];
    gone.push(...during(run('unknown'), 'fail'));
    const there = [...during(run('unknown'), 'late'), ...during(run('unknown'), 'warn')];
    expect(gone.length).to.be.greaterThan(40);
    expect(there.length).to.be.greaterThan(30);
    expect(found.vanished).to.deep.equal(idsOf(gone));
    expect(found.recovered).to.deep.equal(idsOf(there));
    expect(found.refused).to.deep.equal(idsOf(during(run('unknown'), 'decline')));
    expect(Object.keys(found)).to.have.members(['vanished', 'recovered', 'refused', 'kept']);
    const { verdict, loss } = run('unknown').assess();
    expect(verdict).to.equal('pass');
    expect(loss).to.include({ lost: 0, rpo_ms: 0, unknown: gone.length + there.length });
    expect(loss!.kept + there.length).to.equal(east.stored.length);
  });

  it('finds nothing wrong with an honest service', function () {
    requireEven(this, run('honest'));
    const result = run('honest').assess();
    expect(result.reasons).to.deep.equal([]);
    expect(result.loss).to.include({ lost: 0, corrupt: 0, duplicated: 0, unexpected: 0 });
    expect(result.loss!.kept + result.loss!.recovered).to.equal(run('honest').east.stored.length);
  });

  it('tells what the new side lost after the recovery from what the disaster cost', () => {
    const { east, west } = run('moving');
    const dropped = [harmed(east), harmed(west!)];
    const found = foundIn(run('moving'));
    expect(found.lost).to.deep.equal(idsOf(dropped.flat()));
    const { verdict, reasons } = run('moving').assess();
    expect(verdict).to.equal('fail');
    const words = `${dropped[1]!.length} writes acknowledged by the new side after the recovery`;
    expect(reasons.join()).to.contain(words);
  });
});

function expectLie({ verdict, reasons }: Result, words: string): void {
  expect(verdict).to.equal('fail');
  expect(reasons.join()).to.contain(words);
}
