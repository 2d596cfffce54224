// One real workload that goes on after the count, on the same ledger: both counts are right, and one
// thing that is missing in the failback keeps the run from passing.
import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { judgeVerb } from '../../../src/cli/verbs/judge.ts';
import { readEvidence } from '../../../src/evidence/run-files.ts';
import type { EventName } from '../../../src/evidence/event.ts';
import { assess, writeResult } from '../../../src/verdict/assess.ts';
import { call } from '../../support/cli/drill-verbs.ts';
import type { KnownRow } from '../../../src/selftest/known/service.ts';
import { SERVE, type TruthRun } from '../../../src/selftest/known/run.ts';
import { runTruths } from '../../../src/selftest/known/runs.ts';
import { requireEven } from '../../support/truth/even.ts';
import { writeStored } from '../../../src/selftest/known/files.ts';
import { alterReading, changeBytes, copyOf, withoutEvent } from '../../support/truth/variants.ts';

const PAUSE_MS = 300;
const SLACK_MS = 15;
const OUTAGE = [
  { after_ms: 0, behave: { kind: 'hang' } },
  { after_ms: 200, behave: SERVE },
] as const;
const idOf = ({ writer, sequence }: Pick<KnownRow, 'writer' | 'sequence'>) =>
  `${writer}-${sequence}`;

describe('a workload that goes on for the failback', function () {
  this.timeout(60_000);
  let run: TruthRun;
  const copies: string[] = [];
  const copy = () => {
    const directory = copyOf(run.directory);
    copies.push(directory);
    return directory;
  };

  before(async () => {
    const targets = { lost_writes: 0, failback_rto_ms: 2_000 };
    [run] = (await runTruths([{ steps: OUTAGE, targets, failback: { pause_ms: PAUSE_MS } }])) as [
      TruthRun,
    ];
  });
  after(() => {
    run.remove();
    for (const each of copies) rmSync(each, { recursive: true, force: true });
  });

  it('is measured twice: the drill as ever, and the move by how long the service declined', function () {
    requireEven(this, run);
    const { verdict, reasons, recovery, failback, loss } = run.assess();
    expect(reasons).to.deep.equal([]);
    expect(verdict).to.equal('pass');
    const { moving, moved } = run.back!;
    const spacing = 1000 / run.plan.workload.rate_per_s;
    const truth = moved - moving;
    expect(failback!.rto_ms).to.be.within(truth - SLACK_MS, truth + spacing + SLACK_MS);
    expect(failback!.pause_ms).to.be.within(truth - SLACK_MS, truth + 2 * spacing + SLACK_MS);
    expect(recovery!.outages.every(({ closed_ms }) => closed_ms! < run.times.cut)).to.equal(true);
    // The stub knows what it took: before the cut, and in all but what it declined on the way.
    const taken = run.east.requests.filter(({ status }) => status === 201);
    const early = taken.filter(({ at_ms }) => at_ms < run.back!.began);
    expect(loss!.acknowledged).to.equal(early.length);
    expect(failback!.loss!.acknowledged).to.equal(taken.length);
    expect([loss!.lost, failback!.loss!.lost]).to.deep.equal([0, 0]);
  });

  it('is judged again to the last byte', async function () {
    requireEven(this, run);
    const directory = copy();
    const { stdout } = await call(judgeVerb, { run: directory, json: true }, directory);
    expect(stdout).to.equal(writeResult(assess(readEvidence(directory))));
  });

  it('fails with just those rows that are missing afterwards, early and late ones', function () {
    requireEven(this, run);
    const directory = copy();
    const { stored } = run.east;
    const serving = stored.slice(0, servedBefore(run));
    const gone = [stored[40]!, stored[41]!, stored.at(-30)!];
    const last = stored.filter((row) => !gone.includes(row));
    writeStored(directory, serving, last);
    alterReading(directory, 'after-failback', last.length);
    const { verdict, reasons, failback, loss } = assess(readEvidence(directory));
    expect(verdict).to.equal('fail');
    expect(loss!.lost).to.equal(0);
    expect(failback!.loss!.lost_ids).to.have.members(gone.map(idOf));
    expect(reasons[0]).to.match(/^Failback: 3 acknowledged writes were lost in it: /);
  });

  const events: readonly (readonly [EventName, RegExp])[] = [
    ['region.protected', /Nothing says that region east follows the serving one again/],
    ['switchover.started', /Service was never moved back/],
    ['switchover.ended', /The move of service never ended/],
  ];
  for (const [name, reason] of events) {
    it(`does not pass without ${name}`, function () {
      requireEven(this, run);
      const directory = copy();
      withoutEvent(directory, name);
      const { verdict, reasons } = assess(readEvidence(directory));
      expect(reasons.join('\n')).to.match(reason);
      expect(verdict).to.equal('inconclusive');
    });
  }

  it('does not pass without the second reading', function () {
    requireEven(this, run);
    const directory = copy();
    writeStored(directory, run.east.stored.slice(0, servedBefore(run)));
    const { verdict, reasons } = assess(readEvidence(directory));
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.contain('the serving database after the failback is not known');
  });

  it('does not pass wherever its ledger or its survivors end too early', () => {
    for (const file of ['ledger', 'survivors'] as const) {
      for (const share of [0.3, 0.6, 0.9, 0.99]) {
        const directory = copy();
        const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * share));
        changeBytes(directory, file, cut);
        expect(assess(readEvidence(directory)).verdict, `${file} ${share}`).to.equal(
          'inconclusive',
        );
      }
    }
  });

  it('does not pass wherever its journal breaks off', () => {
    for (let share = 0.05; share < 1; share += 0.05) {
      const directory = copy();
      const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * share));
      changeBytes(directory, 'journal', cut);
      expect(assess(readEvidence(directory)).verdict, String(share)).to.equal('inconclusive');
    }
  });
});

/** How many rows the stub held at the first cut, its marker included. */
function servedBefore({ east, back }: TruthRun): number {
  return east.requests.filter(({ status, at_ms }) => status === 201 && at_ms < back!.began).length;
}
