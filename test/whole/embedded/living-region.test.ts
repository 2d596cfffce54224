// A lost region that lives on: cut off or standing still, healed too early, in the middle of the
// recovery or after it, behind a good fence, a weak one and none. Whole drills on a real system.
import { expect } from 'chai';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Parts } from '../../../src/engine/frame/context.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import type { LabRegion } from '../../../src/topology/system/region.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import {
  runMeasuredInProcess,
  withRegion,
  type InProcessRun,
} from '../../support/whole/in-process-run.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { it } from '../../support/commands.ts';
import { worldFails } from '../../support/whole/built.ts';

type Change = (parts: Parts) => Partial<Parts>;
type EventOf<N extends EventName> = Extract<RunEvent, { event: N }>;

/** Clients keep an answer for so long, so that some of them still know the way to the old side. */
const LONG_TTL = ['ttl: 1s', 'ttl: 4s'] as const;
const OWN: Change = () => ({});
const run = (change: Change, plan: Plan) => runMeasuredInProcess(plan, change);

function planWith(fault: string, ...changes: readonly (readonly [string, string])[]): Plan {
  const text = SHORT_DRILL.replace('region: east }', `region: east, ${fault} }`);
  return planOf(changes.reduce((all, [from, to]) => all.replace(from, to), text));
}

const withoutFence: Change = ({ recoveries }) => ({
  recoveries: recoveries.map((own) => ({
    ...own,
    steps: own.steps.filter(({ title }) => !title.startsWith('fence')),
  })),
});

const reasonsOf = ({ result }: InProcessRun) => result.reasons.join('\n');
const of = <N extends EventName>({ events }: InProcessRun, name: N) =>
  events.filter((event): event is EventOf<N> => event.event === name);
const rtoGate = ({ result }: InProcessRun) => result.gates.find(({ name }) => name === 'rto')!;

for (const how of ['partition', 'freeze'] as const) {
  describe(`a region that is lost by ${how} and lives`, function () {
    this.timeout(120_000);

    (how === 'partition' ? it : it.full)(
      'is seen to be lost, and healed and watched before the clients stop',
      async () => {
        const ended = await run(OWN, planWith(`how: ${how}`));
        expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
        const [proved] = of(ended, 'fault.proved');
        expect(proved!.checks.map(({ name, ok }) => [name, ok])).to.deep.equal([
          [`east/postgres is ${how === 'freeze' ? 'frozen' : 'running'}`, true],
          [`east/app-1 is ${how === 'freeze' ? 'frozen' : 'running'}`, true],
          ['link clients-east.postgres is silent', true],
          ['link clients-east.app-1 is silent', true],
          ...(how === 'freeze' ? [] : [['link east-west is silent', true]]),
        ]);
        const [healed] = of(ended, 'fault.healed');
        expect(healed).to.include({ by: 'end' });
        const [stopped] = of(ended, 'workload.stopped');
        expect(stopped!.t - healed!.t, 'watched').to.be.at.least(1_000);
        expectFenced(ended);
        expect(ended.result.loss!.second).to.include({ agrees: true, never_durable: 0 });
      },
    );

    it.full('stays fenced when it comes back while clients still know the way to it', async () => {
      const ended = await run(OWN, planWith(`how: ${how}, for: 1500ms`, LONG_TTL));
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
      expect(of(ended, 'fault.healed')[0]).to.include({ by: 'schedule' });
      expectFenced(ended);
      expect(ended.result.loss).to.include({ split_brain: 0 });
    });

    it.full(
      'costs nothing with synchronous replication: what was under way is unknown',
      async () => {
        const sync = ['  gslb:', '  replication: { mode: sync }\n  gslb:'] as const;
        const ended = await run(OWN, planWith(`how: ${how}`, sync));
        expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
        const { lost, unknown, second } = ended.result.loss!;
        expect(lost).to.equal(0);
        expect(unknown).to.be.above(0);
        expect(second).to.include({ agrees: true });
      },
    );

    (how === 'partition' ? it : it.full)(
      'is a split-brain without a fence, which fails the run',
      async () => {
        const ended = await run(withoutFence, planWith(`how: ${how}, for: 1500ms`, LONG_TTL));
        expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
        const { split_brain, lost, second, second_missing } = ended.result.loss!;
        expect(split_brain).to.be.above(0);
        expect(reasonsOf(ended)).to.contain(
          `Split-brain writes: ${split_brain}, and none is allowed`,
        );
        expect(lost, 'what only the old side has').to.be.at.least(split_brain!);
        expect([second, second_missing]).to.deep.equal([
          null,
          "region east lives, and only a dead primary's disk can be opened",
        ]);
      },
    );

    it.full('is not recovered from when it is back before anybody saw it go', async () => {
      const ended = await run(OWN, planWith(`how: ${how}, for: 100ms`));
      expectNotRecovered(ended, 'the fault was healed before region east was reported down');
    });

    it.full('is not recovered from when it is back before a disaster was declared', async () => {
      const plan = planWith(`how: ${how}, for: 1s`);
      const ended = await run(OWN, { ...plan, declare: { by: 'after', after_ms: 3_000 } });
      expect(of(ended, 'region.down').map(({ region }) => region)).to.include('east');
      expectNotRecovered(ended, 'the fault was healed before a disaster was declared');
    });

    it.full('is not fenced by a setting that its own server can take back', async () => {
      const ended = await run(
        ({ runtime }) => ({
          runtime: withRegion(runtime, 'east', (own) => ({
            kill: async () => makeReadOnly(own),
          })),
        }),
        planWith(`how: ${how}`),
      );
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
      expect(reasonsOf(ended)).to.match(/"fence the old primary" failed: not fenced: .*is dead\?/);
      expect(reasonsOf(ended), 'a write was tried').not.to.contain('takes no write?');
      expect(of(ended, 'database.writable')).to.deep.equal([]);
      expect(of(ended, 'fence.proved')).to.deep.equal([]);
    });
  });
}

describe('a region that comes back', function () {
  this.timeout(120_000);

  it.full('fails the run when it brings the fence down', async () => {
    const ended = await run(
      ({ runtime }) => ({
        runtime: withRegion(runtime, 'east', (own) => ({
          isolate: () => {
            const isolation = own.isolate();
            const undo = async () => {
              const gone = await isolation.undo();
              await own.edge.restore();
              return gone;
            };
            return { ...isolation, undo };
          },
        })),
      }),
      planWith('how: partition'),
    );
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
    expect(ended.result.reasons[0]).to.match(
      /^The fence did not hold when the fault was healed: link clients-east\.\S+ is down\?/,
    );
  });

  it.full('makes the run inconclusive when it cannot be healed', async () => {
    let tries = 0;
    const ended = await run(
      ({ runtime }) => ({
        runtime: withRegion(runtime, 'east', (own) => ({
          isolate: () => {
            const isolated = own.isolate();
            // The clean-up, which takes the whole region down, gets on with it.
            const undo = async () => {
              tries += 1;
              if (tries === 1) await worldFails('the cable is torn');
              return await isolated.undo();
            };
            return { ...isolated, undo };
          },
        })),
      }),
      planWith('how: partition'),
    );
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
    expect(reasonsOf(ended)).to.equal('The fault could not be healed: the cable is torn.');
  });

  it.full('is no recovery when only the end of the drill brings it back', async () => {
    const ended = await run(
      ({ recoveries }) => ({
        recoveries: recoveries.map((own) => ({
          ...own,
          steps: [
            {
              title: 'find somebody',
              run: async () => {
                return await worldFails('nobody is there');
              },
            },
          ],
        })),
      }),
      planWith('how: partition'),
    );
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('fail');
    expect(rtoGate(ended)).to.include({ measured: null, verdict: 'inconclusive' });
    expect(ended.result.recovery!.rto_ms).to.equal(null);
  });
});

/** Its primary refuses writes from now on, as long as nobody tells it otherwise. */
function makeReadOnly(region: LabRegion): void {
  const server = region.nodes().find(({ kind }) => kind === 'postgres')!;
  const [pid] = server.pids();
  const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  const data = command[command.indexOf('-D') + 1]!;
  appendFileSync(join(data, 'postgresql.auto.conf'), 'default_transaction_read_only = on\n');
  process.kill(pid!, 'SIGHUP');
}

/** Proved before the promotion, and seen to hold after the heal and at the end of the watch. */
function expectFenced(ended: InProcessRun): void {
  const [proved] = of(ended, 'fence.proved');
  expect(proved!.checks.every(({ ok }) => ok)).to.equal(true);
  expect(proved!.t).to.be.below(of(ended, 'database.writable')[0]!.t);
  const [healed] = of(ended, 'fault.healed');
  const checked = of(ended, 'fence.checked').filter(({ t }) => t >= healed!.t);
  expect(checked).to.have.length(2);
  for (const { checks } of checked) {
    expect(checks.map(({ name, ok }) => [name, ok])).to.deep.include([
      'east/postgres is dead',
      true,
    ]);
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
  }
}

/** What clients met is measured all the same, and judged. */
function expectNotRecovered(ended: InProcessRun, reason: string): void {
  expect(of(ended, 'disaster.undeclared')).to.have.length(1);
  expect(ended.result.verdict, reasonsOf(ended)).to.equal('inconclusive');
  expect(of(ended, 'disaster.undeclared')[0]!.reason).to.equal(reason);
  expect(reasonsOf(ended)).to.contain(`No recovery ran, so nothing is proved of one: ${reason}.`);
  expect(of(ended, 'recovery.started')).to.deep.equal([]);
  expect(of(ended, 'disaster.declared')).to.deep.equal([]);
  const [healed] = of(ended, 'fault.healed');
  const [stopped] = of(ended, 'workload.stopped');
  expect(stopped!.t - healed!.t, 'watched').to.be.at.least(1_000);
  const [fault] = of(ended, 'fault.started');
  // Clients wait for the region until it is back; nothing else serves them.
  expect(ended.result.recovery!.rto_ms).to.be.at.least(healed!.t - fault!.t - 50);
  expect(rtoGate(ended).verdict).to.equal('pass');
  const { lost, split_brain, second, second_missing } = ended.result.loss!;
  expect({ lost, split_brain, second }).to.deep.equal({ lost: 0, split_brain: 0, second: null });
  expect(second_missing).to.contain('region east lives');
}
