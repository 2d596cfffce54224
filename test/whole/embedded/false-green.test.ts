// Never a false green: parts of drill that stand still, faults that do not bite, recoveries that do
// not recover, evidence that is missing. Each alone, on a real system: what it ends with, and that
// it says why.
import { expect } from 'chai';
import { MARKER_WRITER } from '../../../src/evidence/ledger/operation.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Parts } from '../../../src/engine/frame/context.ts';
import type { Fault } from '../../../src/fault/fault.ts';
import type { Procedure, Step } from '../../../src/recovery/procedure.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import {
  runMeasuredInProcess,
  withDatabase,
  type InProcessRun,
} from '../../support/whole/in-process-run.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { it } from '../../support/commands.ts';
import { worldFails } from '../../support/whole/built.ts';

type Change = (parts: Parts) => Partial<Parts>;

/** A recovery that ends after a moment if it has not succeeded. */
function planWithin(deadline_ms: number, rto_ms: number): Plan {
  const plan = planOf(SHORT_DRILL);
  return {
    ...plan,
    targets: { ...plan.targets, rto_ms },
    recover: { ...plan.recover, deadline_ms },
  };
}

function loseRegionThat(change: (own: Fault) => Partial<Fault>): Change {
  return ({ faults }) => {
    const own = faults.find(({ kind }) => kind === 'lose-region')!;
    return { faults: [{ ...own, ...change(own) }] };
  };
}

function promoteStandbyWith(steps: (own: readonly Step[]) => readonly Step[]): Change {
  return ({ recoveries }) => {
    const own = recoveries.find(({ name }) => name === 'promote-standby') as Procedure;
    return { recoveries: [{ ...own, steps: steps(own.steps) }] };
  };
}

async function run(change: Change, plan = planWithin(6_000, 15_000)): Promise<InProcessRun> {
  return await runMeasuredInProcess(plan, change);
}

const reasonsOf = ({ result }: InProcessRun) => result.reasons.join('\n');
const gateOf = ({ result }: InProcessRun, name: string) =>
  result.gates.find((gate) => gate.name === name)!;

describe('a drill that proves nothing does not pass', function () {
  this.timeout(90_000);

  it.full('when a damaged page is left in the database that serves: fail', async () => {
    const drill = SHORT_DRILL.replace('lose-region, region: east', 'corrupt-page')
      .replace('seed_rows: 50', 'seed_rows: 50, reads: 10%')
      .concat('declare: { command: ["false"] }\nexpect: ride-out\n');
    // Whatever clients meet of it, and whatever is promised to them.
    const plan = planOf(drill);
    const { result } = await run(() => ({}), {
      ...plan,
      targets: { ...plan.targets, rto_ms: 60_000 },
      recover: { ...plan.recover, deadline_ms: 4_000 },
    });
    expect(result.verdict).to.equal('fail');
    const codes = result.failures.map(({ code }) => code);
    expect(codes).to.include('database-corrupt');
    expect(result.reasons.join('\n')).to.match(
      /east\/postgres is damaged: .*invalid page in block/,
    );
  });

  it.full('when its fault does not bite: inconclusive', async () => {
    const ended = await run(
      loseRegionThat(() => ({ inject: async () => ({ detail: 'nothing was done' }) })),
      planWithin(2_000, 15_000),
    );
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.match(
      /^The fault lose-region of region east did not bite: .*(alive|dead)/m,
    );
    expect(gateOf(ended, 'rto').verdict).to.equal('inconclusive');
  });

  it.full(
    'when its fault cannot be injected: inconclusive, with what the injection said',
    async () => {
      const ended = await run(
        loseRegionThat(() => ({
          inject: async () => {
            return await worldFails('the power switch is stuck');
          },
        })),
        planWithin(2_000, 15_000),
      );
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
      expect(reasonsOf(ended)).to.contain('the power switch is stuck');
    },
  );

  it.full('when a step of the recovery fails: fail, with the step and its reason', async () => {
    const ended = await run(
      promoteStandbyWith(([fence]) => [
        fence!,
        {
          title: 'promote the standby',
          run: async () => {
            return await worldFails('the standby is not there');
          },
        },
      ]),
    );
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
    expect(ended.result.reasons[0]).to.equal(
      'The recovery step "promote the standby" failed: the standby is not there.',
    );
  });

  const withoutRedirect = promoteStandbyWith((own) =>
    own.filter(({ title }) => !/redirect|scale/.test(title)),
  );

  it.full(
    'when service never comes back and was away for longer than the target: fail',
    async () => {
      const ended = await run(withoutRedirect, planWithin(4_000, 1_500));
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
      expect(gateOf(ended, 'rto')).to.include({ verdict: 'fail', measured: null, high: null });
      expect(gateOf(ended, 'rto').low).to.be.above(1_500);
      expect(ended.result.reasons[0]).to.contain('RTO target of 1.5 s');
    },
  );

  it.full(
    'when service never came back while it was watched, for less than the target: inconclusive',
    async () => {
      const ended = await run(withoutRedirect, planWithin(3_000, 15_000));
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
      expect(gateOf(ended, 'rto')).to.include({ measured: null, high: null });
      expect(gateOf(ended, 'rto').reason).to.contain('did not come back');
    },
  );

  it.full(
    'when the survivors cannot be read: inconclusive for the loss, and the RTO stands',
    async () => {
      const ended = await run(({ runtime }) => ({
        runtime: withDatabase(runtime, 'west', () => ({
          readRows: async () => {
            return await worldFails('permission denied for table orders');
          },
        })),
      }));
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
      expect(reasonsOf(ended)).to.contain('permission denied for table orders');
      expect(gateOf(ended, 'rpo')).to.include({ verdict: 'inconclusive', measured: null });
      expect(gateOf(ended, 'rto').verdict).to.equal('pass');
      expect(ended.result.loss).to.equal(null);
    },
  );

  it.full('when the marker is not in the snapshot: inconclusive for the loss', async () => {
    const ended = await run(({ runtime }) => ({
      runtime: withDatabase(runtime, 'west', (own) => ({
        readRows: async (onRow) => {
          let rows = 0;
          const facts = await own.readRows((row) => {
            if (row.writer === MARKER_WRITER) return;
            rows++;
            onRow(row);
          });
          return { ...facts, rows };
        },
      })),
    }));
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.contain('is not among the survivors');
    expect(gateOf(ended, 'rpo').verdict).to.equal('inconclusive');
  });
});
