// A run that passes, and what becomes of its verdict when one thing that it rests on is missing,
// damaged or bad: it never stays a pass, and it says why.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { EXIT } from '../../../src/verdict/exit-code.ts';
import { judgeVerb } from '../../../src/cli/verbs/judge.ts';
import { HEADER_BYTES } from '../../../src/evidence/ledger/record.ts';
import { readEvidence, runFile } from '../../../src/evidence/run-files.ts';
import { assess, writeResult } from '../../../src/verdict/assess.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { call } from '../../support/cli/drill-verbs.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../../../src/selftest/known/run.ts';
import { runTruths } from '../../../src/selftest/known/runs.ts';
import { requireEven } from '../../support/truth/even.ts';
import { changePlan, copyOf } from '../../support/truth/variants.ts';
import { NO_STEADY, VARIANTS, type Variant } from '../../support/truth/bad-evidence.ts';
import { UNFULFILLED } from '../../support/truth/unfulfilled-plans.ts';

/** Where the header's text ends, and only padding follows. */
const HEADER_USED_BYTES = 190;
const HANG = { after_ms: 0, behave: { kind: 'hang' } } as const;
const OUTAGE = [HANG, { after_ms: 200, behave: SERVE }];

const SCENARIOS = {
  good: { steps: OUTAGE, targets: { lost_writes: 0 } },
  unsteady: { steps: OUTAGE, steady: { kind: 'half' } },
  silent: { steps: OUTAGE, silence: 'from the start' },
  falling: { steps: OUTAGE, silence: 'from the fault' },
  reading: { steps: OUTAGE, workload: { reads: 1 }, targets: { lost_writes: 0 } },
  gone: { steps: [HANG] },
  overdue: { steps: [HANG, { after_ms: 1_500, behave: SERVE }], deadline_ms: 1_000 },
} satisfies Record<string, TruthScenario>;
type Name = keyof typeof SCENARIOS;

interface BadRun extends Omit<Variant, 'change'> {
  readonly of: Name;
  readonly change?: Variant['change'];
}

const BAD_RUNS: readonly BadRun[] = [
  {
    title: 'whose steady state was never reached',
    of: 'unsteady',
    verdict: 'inconclusive',
    reason: /The steady state was never reached: only \d+ of \d+ operations were served/,
  },
  {
    title: 'whose load balancer was silent from the start',
    of: 'silent',
    verdict: 'inconclusive',
    reason: NO_STEADY,
  },
  {
    title: 'whose load balancer fell silent at the fault',
    of: 'falling',
    verdict: 'inconclusive',
    reason: /Service did not come back while it was watched/,
  },
  {
    title: 'without a write before the disaster',
    of: 'reading',
    verdict: 'inconclusive',
    reason: /Nothing was lost, but only 0 writes were acknowledged just before the disaster/,
  },
  {
    title: 'whose service never came back, within what the target allows',
    of: 'gone',
    verdict: 'inconclusive',
    reason: /Service did not come back while it was watched/,
  },
  {
    title: 'whose service never came back, beyond what the target allows',
    of: 'gone',
    change: (directory) => tighten(directory, 1_000),
    verdict: 'fail',
    reason: /Service was not back after [\d.]+ s, over the RTO target of 1 s/,
  },
  {
    title: 'whose service came back after the deadline, which the target allows',
    of: 'overdue',
    verdict: 'inconclusive',
    reason: /Service did not come back while it was watched/,
  },
  {
    title: 'whose service came back after the deadline and the target',
    of: 'overdue',
    change: (directory) => tighten(directory, 900),
    verdict: 'fail',
    reason: /Service was not back after [\d.]+ s, over the RTO target of 900 ms/,
  },
];

const CASES: readonly BadRun[] = [
  ...[...VARIANTS, ...UNFULFILLED].map((variant) => ({ ...variant, of: 'good' as const })),
  ...BAD_RUNS,
];

describe('the verdict', function () {
  this.timeout(60_000);
  const runs = new Map<Name, TruthRun>();
  const copies: string[] = [];
  const copy = (name: Name) => {
    const directory = copyOf(runs.get(name)!.directory);
    copies.push(directory);
    return directory;
  };

  before(async () => {
    const names = Object.keys(SCENARIOS) as Name[];
    for (const some of [names.slice(0, 4), names.slice(4)]) {
      const made = await runTruths(some.map((name) => SCENARIOS[name]));
      for (const [at, name] of some.entries()) runs.set(name, made[at]!);
    }
  });
  afterEach(() => {
    for (const directory of copies.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  after(() => {
    for (const run of runs.values()) run.remove();
  });

  it('is a pass for a run in which everything was as it should be', async function () {
    requireEven(this, runs.get('good')!);
    const directory = copy('good');
    const result = store(directory);
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    await expectJudged(directory, result);
  });

  for (const { title, of, change, verdict, reason } of CASES) {
    it(`is ${verdict} for a run ${title}`, async function () {
      requireEven(this, runs.get(of)!);
      const directory = copy(of);
      change?.(directory, runs.get(of)!);
      const result = store(directory);
      expect(result.reasons.join('\n')).to.match(reason);
      expect(result.verdict).to.equal(verdict);
      await expectJudged(directory, result);
    });
  }

  for (const file of ['ledger', 'survivors'] as const) {
    it(`is no pass whichever record of ${file}.bin has a byte flipped`, () => {
      const directory = copy('good');
      const whole = readFileSync(runFile(directory, file));
      const step = Math.ceil((whole.length - HEADER_BYTES) / 61);
      for (let at = HEADER_BYTES; at < whole.length; at += step) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << (at % 8);
        writeFileSync(runFile(directory, file), bytes);
        const { verdict, reasons } = assess(readEvidence(directory));
        expect(verdict, `byte ${at}`).to.equal('inconclusive');
        expect(reasons.join(), `byte ${at}`).to.contain(`${file}.bin is damaged`);
      }
    });

    it(`is no pass wherever ${file}.bin ends too early`, () => {
      const directory = copy('good');
      const whole = readFileSync(runFile(directory, file));
      for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 37)) {
        writeFileSync(runFile(directory, file), whole.subarray(0, length));
        const { verdict, reasons } = assess(readEvidence(directory));
        expect(verdict, `${length} bytes`).to.equal('inconclusive');
        expect(reasons.join(), `${length} bytes`).to.contain(`${file}.bin is damaged`);
      }
    });
  }

  for (const file of ['ledger', 'survivors'] as const) {
    it(`is no pass whichever byte of the header of ${file}.bin is flipped`, () => {
      const directory = copy('good');
      const whole = readFileSync(runFile(directory, file));
      for (let at = 0; at < HEADER_BYTES; at += at < HEADER_USED_BYTES ? 1 : 97) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << (at % 8);
        writeFileSync(runFile(directory, file), bytes);
        const { verdict, reasons } = assess(readEvidence(directory));
        expect(verdict, `byte ${at}`).to.equal('inconclusive');
        expect(reasons.join(), `byte ${at}`).to.contain(`${file}.bin is damaged`);
      }
    });
  }

  it('is no pass wherever the journal breaks off', () => {
    const directory = copy('good');
    const whole = readFileSync(runFile(directory, 'journal'));
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 61)) {
      writeFileSync(runFile(directory, 'journal'), whole.subarray(0, length));
      expect(assess(readEvidence(directory)).verdict, `${length} bytes`).to.equal('inconclusive');
    }
  });
});

function tighten(directory: string, rto_ms: number): void {
  changePlan(directory, (plan) => ({ ...plan, targets: { ...plan.targets, rto_ms } }));
}

function store(directory: string): Result {
  const result = assess(readEvidence(directory));
  writeFileSync(runFile(directory, 'result'), writeResult(result));
  return result;
}

/** `drill judge` comes to the same result, byte for byte, and exits as the verdict says. */
async function expectJudged(directory: string, result: Result): Promise<void> {
  const { code, stdout } = await call(judgeVerb, { run: directory, json: true }, directory);
  expect(stdout).to.equal(readFileSync(runFile(directory, 'result'), 'utf8'));
  expect(code).to.equal(EXIT[result.verdict]);
}
