// Runs with two stores whose truth is known, as files: what is judged is what a slow count of the
// same writes gives, for each store, and damage to either is never passed over.
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { judgeVerb } from '../../../src/cli/verbs/judge.ts';
import { ledgerVerb } from '../../../src/cli/verbs/ledger.ts';
import { HEADER_BYTES, RECORD_BYTES } from '../../../src/evidence/ledger/record.ts';
import { readEvidence, runFile } from '../../../src/evidence/run-files.ts';
import { assess } from '../../../src/verdict/assess.ts';
import type { Result, ResultStoreLoss } from '../../../src/verdict/result.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { storeResult, writeTwoStores } from '../../support/evidence/run-directory.ts';
import {
  acknowledged,
  goneFor,
  hangs,
  drive,
  rowOf,
  TIMES,
  WEST,
  type Op,
} from '../../support/evidence/synthetic.ts';
import { driveCarts, type StoreParts } from '../../support/evidence/two-stores.ts';
import { trueLoss } from '../../support/truth/oracle.ts';

const disaster = { fault_ms: TIMES.faultStarted, newSide: WEST };
/** Sequence numbers of writes that nobody sent. */
const STRANGE = 70_000;

interface Fate {
  readonly dropEvery: number;
  readonly doubleEvery: number;
  readonly keepUnknownEvery: number;
  readonly strangers: number;
}

const every = (ops: readonly Op[], n: number) => ops.filter((_, at) => n > 0 && at % n === n - 1);

/** A store that suffers all of it at once. */
function suffering(ops: readonly Op[], fate: Fate) {
  const all = acknowledged(ops);
  const isMarker = ({ kind }: Op) => kind === 'marker';
  const dropped = new Set(every(all, fate.dropEvery).filter((op) => !isMarker(op)));
  const kept = all.filter((op) => !dropped.has(op));
  const doubled = every(kept, fate.doubleEvery);
  const unknown = ops.filter(({ outcome }) => outcome === 'unknown');
  const made = Array.from({ length: fate.strangers }, (_, at) => ({
    ...{ writer: 9, sequence: STRANGE + at },
  }));
  const rows = [...kept, ...doubled, ...every(unknown, fate.keepUnknownEvery), ...made];
  const readings = { serving: rows.map(rowOf) };
  return { ops, readings, truth: trueLoss(ops, rows, disaster) };
}

function countsOf(loss: ResultStoreLoss) {
  const { kept, recovered, vanished, duplicated, unexpected, rpo_ms } = loss;
  return { kept, recovered, vanished, duplicated, unexpected, rpo_ms };
}

describe('the truth about two stores', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const judged = async () => {
    const { stdout } = await call(judgeVerb, { run: folder, json: true }, folder);
    return JSON.parse(stdout) as Result;
  };

  it('is what drill judge says, whatever becomes of the writes to each', async () => {
    const some = fc.integer({ min: 0, max: 40 });
    const fate = fc.record({
      ...{ dropEvery: some, doubleEvery: some, keepUnknownEvery: some },
      strangers: fc.integer({ min: 0, max: 3 }),
    });
    const orders = drive(
      goneFor(300, () => hangs),
      { until_ms: 9_000 },
    );
    const carts = driveCarts(
      goneFor(300, () => hangs),
      9_000,
    );
    await fc.assert(
      fc.asyncProperty(fate, fate, async (first, second) => {
        const parts = { postgres: suffering(orders, first), redis: suffering(carts, second) };
        writeTwoStores(folder, { orders: parts.postgres, carts: parts.redis });
        const { loss } = await judged();
        for (const store of ['postgres', 'redis'] as const) {
          const { lost, ...counts } = parts[store].truth;
          expect(countsOf(loss!.stores[store]!)).to.deep.equal(counts);
          expect(loss!.stores[store]!.lost).to.equal(lost.length);
          expect(loss!.stores[store]!.lost_ids).to.deep.equal(lost.slice(0, 20));
        }
        const both = [parts.postgres.truth, parts.redis.truth];
        expect(loss!.lost).to.equal(both[0]!.lost.length + both[1]!.lost.length);
        expect(loss!.rpo_ms).to.equal(Math.max(both[0]!.rpo_ms, both[1]!.rpo_ms));
      }),
      { numRuns: 12 },
    );
  });

  const without = (ops: readonly Op[], count: number): StoreParts => {
    const all = acknowledged(ops);
    const gone = new Set(all.filter(({ done_ms }) => done_ms! <= TIMES.faultStarted).slice(-count));
    return { ops, readings: { serving: all.filter((op) => !gone.has(op)).map(rowOf) } };
  };
  const orders = drive(goneFor(600));
  const carts = driveCarts(goneFor(600));

  it('is the same again from the files, and stands in the export of either', async () => {
    writeTwoStores(folder, { orders: without(orders, 12), carts: without(carts, 5) });
    const stored = storeResult(folder);
    expect(await judged()).to.deep.equal(stored);
    const { code, stdout } = await call(judgeVerb, { run: folder }, folder);
    expect(code).to.equal(0);
    expect(stdout).to.contain('agrees with the evidence');
    const lost = async (args: object) => {
      const options = { run: folder, format: 'csv', only: 'lost', ...args };
      const text = (await call(ledgerVerb, options, folder)).stdout;
      return text.trimEnd().split('\n').slice(1);
    };
    const both = await lost({});
    expect(both.map((line) => line.split(',')[0])).to.deep.equal([
      ...Array.from({ length: 12 }, () => 'postgres'),
      ...Array.from({ length: 5 }, () => 'redis'),
    ]);
    expect(await lost({ store: 'redis' })).to.deep.equal(both.slice(12));
    expect(await lost({ store: 'postgres' })).to.deep.equal(both.slice(0, 12));
  });

  it('is not told of a store whose ledger is not there, and the other can be exported', async () => {
    writeTwoStores(folder);
    rmSync(runFile(folder, 'ledger-redis'));
    const result = assess(readEvidence(folder));
    expect(result.verdict).to.equal('inconclusive');
    expect([result.recovery, result.loss]).to.deep.equal([null, null]);
    expect(result.reasons.join('\n')).to.match(/ledger-redis\.bin is damaged: .*ENOENT/);
    const failure = await call(ledgerVerb, { run: folder, format: 'csv' }, folder).catch(
      (error: unknown) => error as { message: string; hint: string },
    );
    expect(failure).to.have.property('message').that.contains('ledger-redis.bin');
    expect(failure).to.have.property('hint').that.contains('--store postgres');
    const options = { run: folder, format: 'csv', store: 'postgres' };
    const { stdout } = await call(ledgerVerb, options, folder);
    expect(stdout.trimEnd().split('\n')).to.have.lengthOf(orders.length + 1);
  });

  for (const name of ['ledger-redis', 'survivors-redis', 'ledger', 'survivors'] as const) {
    it(`is no pass wherever ${name}.bin is flipped or ends too early`, () => {
      writeTwoStores(folder);
      const file = runFile(folder, name);
      const whole = readFileSync(file);
      const words = `${name}.bin is damaged`;
      const step = Math.ceil(whole.length / 23);
      for (let at = 0; at < whole.length; at += step) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << (at % 8);
        for (const damaged of [bytes, whole.subarray(0, at)]) {
          writeFileSync(file, damaged);
          const { verdict, reasons } = assess(readEvidence(folder));
          expect(verdict, `byte ${at}`).to.equal('inconclusive');
          expect(reasons.join(), `byte ${at}`).to.contain(words);
        }
      }
    });
  }

  it('is judged of PostgreSQL where only the survivors of Redis are damaged', () => {
    writeTwoStores(folder, { orders: without(orders, 12) });
    truncateSync(runFile(folder, 'survivors-redis'), HEADER_BYTES + 40 * RECORD_BYTES);
    const { verdict, gates, loss } = assess(readEvidence(folder));
    expect([verdict, loss]).to.deep.equal(['inconclusive', null]);
    const byName = Object.fromEntries(gates.map((gate) => [gate.name, gate.verdict]));
    expect(byName).to.include({ rto: 'pass', rpo: 'pass', 'redis.rpo': 'inconclusive' });
  });

  it('is read from evidence of before there was a second store', () => {
    writeTwoStores(folder, { drop: (event) => 'store' in event && event.store === 'carts' });
    rmSync(runFile(folder, 'ledger-redis'));
    rmSync(runFile(folder, 'survivors-redis'));
    const file = runFile(folder, 'plan');
    const { redis: _, ...plan } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
    const { redis: __, ...targets } = plan['targets'] as Record<string, unknown>;
    const old = plan['faults'] as Record<string, unknown>[];
    const faults = old.map(({ effect: ___, ...fault }) => fault);
    writeFileSync(file, JSON.stringify({ ...plan, schema: 'drill.plan/1', targets, faults }));
    // There were no checksums then.
    const journal = runFile(folder, 'journal');
    const lines = readFileSync(journal, 'utf8').replaceAll(
      /,"n":\d+,"sum":"[0-9a-f]{8}"\}$/gm,
      '}',
    );
    writeFileSync(journal, lines);
    const { verdict, reasons, loss, gates } = assess(readEvidence(folder));
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(Object.keys(loss!.stores)).to.deep.equal(['postgres']);
    expect(gates.map(({ name }) => name)).to.deep.equal(['rto', 'rpo', 'split_brain']);
  });
});
