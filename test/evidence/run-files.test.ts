// The files of a run read together: what is due, what is damaged, what cannot be read, and what is
// not as the journal says that it was.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EvidenceError, UnreadableError } from '../../src/evidence/evidence-error.ts';
import type { RUN_FILES } from '../../src/evidence/evidence.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { createJournal } from '../../src/evidence/journal.ts';
import {
  readEvidence,
  readPlan,
  runFile,
  sealEvidence,
  sealProblems,
} from '../../src/evidence/run-files.ts';
import { writeRun } from '../support/evidence/run-directory.ts';
import {
  acknowledged,
  drive,
  fromEast,
  journal,
  plan,
  rowOf,
} from '../support/evidence/synthetic.ts';
import { unpackRun } from './corpus.ts';

const ops = drive(() => fromEast, { until_ms: 40 });
const event = (body: object): RunEvent => body as RunEvent;

describe('the files of a run', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-run-files-'));
    writeRun(folder, { ops, serving: acknowledged(ops).map(rowOf) });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: keyof typeof RUN_FILES) => runFile(folder, name);
  const problems = () => readEvidence(folder).problems;
  const hash = (name: keyof typeof RUN_FILES) =>
    createHash('sha256')
      .update(readFileSync(file(name)))
      .digest('hex');

  function write(events: readonly RunEvent[]): void {
    rmSync(file('journal'));
    const lines = createJournal(file('journal'));
    for (const each of events) lines.append(each);
    lines.close();
  }

  /** As a run seals itself: its plan at first, its ledger and survivors at the end. */
  function seal(...changes: Parameters<typeof journal>): void {
    writeFileSync(file('drill'), 'name: synthetic\n');
    const [started, ...rest] = journal(...changes);
    const hashes = { plan_sha256: hash('plan'), drill_sha256: hash('drill') };
    const closed = event({ t: 9, event: 'evidence.closed', files: sealEvidence(folder) });
    write([{ ...started!, ...hashes }, ...rest, closed]);
  }

  it('are read together, and nothing is wrong with them', () => {
    const read = readEvidence(folder);
    expect(read.problems).to.deep.equal([]);
    expect(read.plan).to.deep.include({ name: 'synthetic', seed: plan.seed });
    expect(read.events.map((each) => each.event)).to.include('run.finished');
    const [orders] = read.stores;
    expect([read.stores.length, orders!.store, orders!.header!.run]).to.deep.equal([
      ...[1, 'orders', 'run-1'],
    ]);
    expect(orders!.operations!.count).to.equal(ops.length);
    expect(orders!.readings.get('serving')!.count).to.equal(acknowledged(ops).length);
  });

  it('are those of a run only with a plan that can be read', () => {
    expect(readPlan(folder)).to.deep.include({ name: 'synthetic' });
    writeFileSync(file('plan'), '{"schema":');
    expect(() => readPlan(folder)).to.throw(EvidenceError, /plan\.json is damaged: .*JSON/);
    writeFileSync(file('plan'), '{"schema":"drill.plan/2"}');
    expect(() => readPlan(folder)).to.throw(EvidenceError, /plan\.json is damaged: .*expected/);
    rmSync(file('plan'));
    const words = `${folder} is not the directory of a run: it has no plan.json`;
    expect(() => readEvidence(folder)).to.throw(EvidenceError, words);
    symlinkSync('plan.json', file('plan')); // a link to itself: nobody can tell what it is
    expect(() => readPlan(folder)).to.throw(UnreadableError, 'ELOOP');
  });

  it('are due once clients began, and not before', () => {
    for (const name of ['ledger', 'survivors'] as const) rmSync(file(name));
    const gone = problems();
    expect(gone.map((each) => each.file)).to.deep.equal(['ledger.bin', 'survivors.bin']);
    for (const each of gone) {
      expect(each.problem).to.contain('cannot be read: ENOENT');
      expect(each).to.not.have.property('isUnread');
    }
    const { stores } = readEvidence(folder);
    const nothing = { store: 'orders', header: null, operations: null, readings: new Map() };
    expect(stores).to.deep.equal([nothing]);
    write(journal({ 'workload.started': null, 'workload.drained': null }));
    expect(problems()).to.deep.equal([]);
    // The other store's clients were drained, and what survived of this one's is not due yet.
    const drained = event({ t: 9, event: 'workload.drained', store: 'carts', in_flight: 0 });
    write(journal({ 'workload.started': null, 'workload.drained': [drained] }));
    expect(problems()).to.deep.equal([]);
  });

  it('are there and not read where something else stands in their place', () => {
    rmSync(file('ledger'));
    mkdirSync(file('ledger'));
    expect(problems()).to.deep.equal([
      {
        file: 'ledger.bin',
        problem: `${file('ledger')} cannot be read: it is no file`,
        isUnread: true,
      },
    ]);
    expect(() => sealEvidence(folder)).to.throw(UnreadableError, 'it is no file');
  });

  it('are named where they are damaged, the journal too', () => {
    const ledger = readFileSync(file('ledger'));
    appendFileSync(file('ledger'), 'torn');
    appendFileSync(file('journal'), 'torn');
    expect(problems()).to.deep.equal([
      { file: 'journal.ndjson', problem: 'the last line is torn' },
      { file: 'ledger.bin', problem: 'its end is torn: 4 bytes of a record of 32' },
    ]);
    writeFileSync(file('ledger'), ledger);
    rmSync(file('journal'));
    expect(problems().map((each) => each.file)).to.deep.equal(['journal.ndjson']);
    expect(readEvidence(folder).events).to.deep.equal([]);
    writeFileSync(file('journal'), '{"t":1,"event":"steady.started"}\n');
    expect(problems()).to.deep.equal([
      { file: 'journal.ndjson', problem: 'line 1 has lost its checksum' },
    ]);
  });

  it('had no checksums in runs of before there were any', () => {
    const old = join(folder, 'old');
    unpackRun('interrupted', old);
    expect(readEvidence(old).problems).to.deep.equal([]);
  });

  it('are sealed where they are there, in one order', () => {
    const sealed = () => sealEvidence(folder).map((each) => each.file);
    expect(sealed()).to.deep.equal(['ledger.bin', 'survivors.bin']);
    for (const name of ['salvage', 'survivors-redis', 'ledger-redis'] as const) {
      writeFileSync(file(name), 'x');
    }
    expect(sealed()).to.deep.equal([
      ...['ledger.bin', 'ledger-redis.bin', 'survivors.bin', 'survivors-redis.bin'],
      'salvage.ndjson',
    ]);
    const [first] = sealEvidence(folder);
    expect(first!.sha256).to.equal(hash('ledger'));
  });

  it('are as they were sealed, or that they are not is said of each', () => {
    seal();
    expect([problems(), sealProblems(folder)]).to.deep.equal([[], []]);
    appendFileSync(file('plan'), '\n');
    appendFileSync(file('drill'), '\n');
    rmSync(file('survivors'));
    appendFileSync(file('ledger'), 'x');
    const said = [
      { file: 'plan.json', problem: 'it is not as the run began with it' },
      { file: 'drill.yaml', problem: 'it is not as the run began with it' },
      { file: 'ledger.bin', problem: 'it is not as the run closed it' },
      { file: 'survivors.bin', problem: 'it is gone' },
    ];
    expect(sealProblems(folder)).to.deep.equal(said);
    expect(problems().slice(0, said.length)).to.deep.equal(said);
    rmSync(file('drill'));
    mkdirSync(file('drill'));
    const unread = `${file('drill')} cannot be read: it is no file`;
    expect(sealProblems(folder)[1]).to.deep.equal({
      ...{ file: 'drill.yaml', problem: unread, isUnread: true },
    });
    appendFileSync(file('journal'), 'torn');
    expect(sealProblems(folder)[0]).to.deep.equal({
      ...{ file: 'journal.ndjson', problem: 'the last line is torn' },
    });
  });

  it('of a run that is over were closed, if its plan was sealed', () => {
    const unclosed = [{ file: 'journal.ndjson', problem: 'it does not say how other files ended' }];
    const without = (name: RunEvent['event']) => {
      const { events } = readEvidence(folder);
      write(events.filter((each) => each.event !== name));
    };
    seal();
    without('evidence.closed');
    expect(sealProblems(folder)).to.deep.equal(unclosed);
    without('run.finished'); // it may go on
    expect(sealProblems(folder)).to.deep.equal([]);
    write(journal({ 'run.started': null })); // nothing says how it began
    expect(sealProblems(folder)).to.deep.equal([]);
    write(journal()); // from before there were seals
    expect(sealProblems(folder)).to.deep.equal([]);
  });

  it('are held against what was said last, where they were closed twice', () => {
    seal();
    const { events } = readEvidence(folder);
    appendFileSync(file('ledger'), 'x');
    write([...events, event({ t: 10, event: 'evidence.closed', files: sealEvidence(folder) })]);
    expect(sealProblems(folder)).to.deep.equal([]);
  });
});
