// The recovery time against services that fail for exactly so long: the truth is theirs, not the
// measuring code's.
import { expect } from 'chai';
import type { Result } from '../../../src/verdict/result.ts';
import type { Behaviour } from '../../../src/selftest/known/service.ts';
import { trueOutages } from '../../support/truth/oracle.ts';
import { SERVE, type TruthRun, type TruthScenario } from '../../../src/selftest/known/run.ts';
import { runTruths } from '../../../src/selftest/known/runs.ts';
import { requireEven } from '../../support/truth/even.ts';
import { it, some } from '../../support/commands.ts';

const SLACK_MS = 10;

const HANG: Behaviour = { kind: 'hang' };
const REFUSE: Behaviour = { kind: 'refuse' };
const HALF: Behaviour = { kind: 'half' };
/** Beyond the 100 ms within which an operation is served, and before the workload's timeout. */
const TOO_LATE: Behaviour = { kind: 'late', by_ms: 450 };
const AFTER_TIMEOUT: Behaviour = { kind: 'late', by_ms: 700 };

interface Case extends TruthScenario {
  readonly title: string;
  /** By the definition, whatever the timers did. */
  readonly outages: number;
  /** Which switch brought service back, if not the last. */
  readonly back?: number;
  /** Requests in a row brought it back, not a switch. */
  readonly isCounted?: boolean;
}

const calm = { workload: { rate_per_s: 100 } };

function outage(title: string, behave: Behaviour, ms: number, more = {}): Case {
  const steps = [
    { after_ms: 0, behave },
    { after_ms: ms, behave: SERVE },
  ];
  return { title: `a service that ${title} for ${ms} ms`, outages: 1, steps, ...more };
}

const GROUPS: readonly (readonly Case[])[] = [
  [
    outage('refuses', REFUSE, 50),
    outage('hangs', HANG, 50, calm),
    outage('hangs', HANG, 120),
    outage('answers after the timeout', AFTER_TIMEOUT, 120),
  ],
  [
    outage('refuses', REFUSE, 333, calm),
    outage('answers too late', TOO_LATE, 50),
    outage('answers too late', TOO_LATE, 333, calm),
    outage('answers half of the requests', HALF, 333),
  ],
  [
    outage('resets connections', { kind: 'reset' }, 120),
    outage('fails without a word', { kind: 'fail' }, 333),
    outage('declines', { kind: 'decline' }, 1_000, calm),
    outage('hangs', HANG, 1_000),
  ],
  [
    outage('answers too late', TOO_LATE, 1_000, calm),
    outage('answers half of the requests', HALF, 1_000),
    outage('refuses after a slow injection', REFUSE, 1_000, { injection_ms: [60, 90] }),
    {
      title: 'a service that fails, comes back, fails again before it has lasted and comes back',
      outages: 1,
      steps: [
        { after_ms: 0, behave: REFUSE },
        { after_ms: 400, behave: SERVE },
        { after_ms: 1_000, behave: HANG },
        { after_ms: 1_150, behave: SERVE },
      ],
    },
  ],
  [
    outage('answers half of the requests', HALF, 2_500, calm),
    outage('refuses', REFUSE, 2_500),
    {
      title: 'a service that comes back and misses too few requests to count as out again',
      outages: 1,
      back: 1,
      steps: [
        { after_ms: 0, behave: HANG },
        { after_ms: 120, behave: SERVE },
        { after_ms: 1_000, behave: { kind: 'miss', after: 0, count: 2 } },
      ],
    },
    {
      title: 'a second region to which clients move as their DNS answers expire',
      outages: 1,
      redirect_ms: 400,
      steps: [{ after_ms: 0, behave: REFUSE }],
    },
  ],
  [
    outage('hangs', HANG, 5_000, calm),
    outage('refuses', REFUSE, 5_000, calm),
    outage('answers too late', TOO_LATE, 5_000, calm),
    {
      title: 'a service that fails, lasts for longer than it must, fails again and comes back',
      outages: 2,
      steps: [
        { after_ms: 0, behave: REFUSE },
        { after_ms: 333, behave: SERVE },
        { after_ms: 3_900, behave: HANG },
        { after_ms: 4_900, behave: SERVE },
      ],
    },
  ],
  [
    {
      title: 'a service that misses a request before ten in a row were served',
      outages: 1,
      isCounted: true,
      ...calm,
      steps: [
        { after_ms: 0, behave: HANG },
        { after_ms: 120, behave: { kind: 'miss', after: 6, count: 1 } },
      ],
    },
    {
      title: 'a service that misses a request after ten in a row were served',
      outages: 1,
      steps: [
        { after_ms: 0, behave: HANG },
        { after_ms: 120, behave: { kind: 'miss', after: 36, count: 1 } },
      ],
    },
  ],
];

describe('the measured recovery time and the truth', function () {
  this.timeout(60_000);

  for (const [[group, cases], it] of some([...GROUPS.entries()], 3)) {
    describe(`in group ${group + 1} of services that fail at the same time`, () => {
      let runs: TruthRun[] = [];
      before(async () => {
        runs = await runTruths(cases);
      });
      after(() => {
        for (const run of runs) run.remove();
      });

      for (const [at, one] of cases.entries()) {
        it(`agree for ${one.title}`, function () {
          requireEven(this, runs[at]!);
          expectTruth(one, runs[at]!);
        });
      }
    });
  }

  describe('with a service that misses too few requests to count as out', () => {
    it('say that there was no recovery time, and that clients noticed', async function () {
      const behave: Behaviour = { kind: 'miss', after: 0, count: 3 };
      const run = (await runTruths([{ steps: [{ after_ms: 0, behave }] }]))[0]!;
      try {
        requireEven(this, run);
        expect(trueOutages(run)).to.deep.equal([]);
        const { recovery, notes } = run.assess();
        expect(recovery).to.deep.include({ rto_ms: 0, downtime_ms: 0 });
        // So long an outage stays unseen.
        const { sustain, workload } = run.plan;
        const unseen_ms = (1 - sustain.success) * sustain.for_ms + 1_000 / workload.rate_per_s;
        expect(recovery!.uncertainty_ms).to.be.closeTo(unseen_ms, 0.5);
        expect(notes.join()).to.match(/clients noticed: \d+ operations not served/);
      } finally {
        run.remove();
      }
    });
  });
});

function expectTruth(one: Case, run: TruthRun): void {
  const result = run.assess();
  const { recovery, gates } = result;
  const truth = trueOutages(run);
  const { started } = run.times;
  const spacing_ms = 1000 / run.plan.workload.rate_per_s;
  expect(result.verdict, result.reasons.join(' ')).to.equal('pass');
  expect(truth).to.have.lengthOf(one.outages);
  expect(recovery!.outages).to.have.lengthOf(one.outages);

  const closing = truth.at(-1)!.closing!;
  const rto_ms = recovery!.rto_ms!;
  expect(rto_ms).to.be.closeTo(closing.at_ms - started, spacing_ms + SLACK_MS);

  const back = backOf(one, run) ?? closing.at_ms;
  const late_ms = closing.at_ms - closing.due_ms;
  expect(rto_ms).to.be.closeTo(back - started, spacing_ms + SLACK_MS + late_ms);
  const gate = gates.find(({ name }) => name === 'rto')!;
  // Whichever moment of the injection one takes for the disaster.
  for (const lost of [started, run.east.switches[0]!.at_ms, run.times.injected]) {
    expect(gate.low).to.be.at.most(back - lost);
    expect(gate.high).to.be.at.least(back - lost);
  }
  expectSums(run, result, truth, spacing_ms);
}

/** When service was back, by the stub's own switches; null where requests or clients decide it. */
function backOf(one: Case, { east }: TruthRun): number | null {
  if (one.redirect_ms !== undefined || one.isCounted === true) return null;
  const isHalf = east.switches.some(({ behave }) => behave.kind === 'half');
  if (isHalf) return null;
  return east.switches.at(one.back ?? -1)!.at_ms;
}

function expectSums(
  run: TruthRun,
  { recovery }: Result,
  truth: ReturnType<typeof trueOutages>,
  spacing_ms: number,
): void {
  const { rto_ms, phases, outages, downtime_ms } = recovery!;
  expect(phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0)).to.equal(rto_ms);
  const slack_ms = spacing_ms + SLACK_MS;
  for (const [at, { opened_ms, closing }] of truth.entries()) {
    expect(outages[at]!.opened_ms).to.be.closeTo(opened_ms, spacing_ms + 1);
    expect(outages[at]!.closed_ms).to.be.closeTo(closing!.at_ms, slack_ms);
  }
  const out_ms = truth.reduce((sum, each) => sum + each.closing!.at_ms - each.opened_ms, 0);
  expect(downtime_ms).to.be.closeTo(out_ms, truth.length * slack_ms);
  expect(run.times.cut).to.be.greaterThan(outages.at(-1)!.closed_ms!);
}
