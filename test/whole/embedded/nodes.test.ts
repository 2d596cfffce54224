// Single nodes that a fault takes away, on a real system that is up: the heal brings each back, also
// where `drill clean` does it for a runner that was killed; and a primary that dies by itself.
import { expect } from 'chai';
import {
  areStopped,
  isStillThere,
  type OtherProcess,
} from '../../../src/host/process/processes.ts';
import { it } from '../../support/commands.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { runMeasuredInProcess } from '../../support/whole/in-process-run.ts';
import { LATER, systemUp } from '../../support/whole/killed.ts';

/** A disaster by itself, or before one that is far away. */
const fault = (kind: string, node: string) =>
  `{ at: 300ms, kind: ${kind}, node: ${node} }${node === 'east/postgres' ? '' : `\n  - ${LATER}`}`;

describe('a fault on one node whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  const system = systemUp();

  const gone = () => {
    const { servers, apps } = system.parts;
    const isGone = (each: OtherProcess) => !isStillThere(each) || areStopped([each.pid]);
    return [...servers, ...apps].filter(isGone).map(({ node }) => node);
  };

  it.full('is healed by drill clean: stress-cpu, whatever stood still at that moment', async () => {
    await system.kill('fault.proved', fault('stress-cpu', 'west/postgres'));
    await system.clean();
    expect(gone()).to.deep.equal([]);
  });

  for (const [kind, node] of [
    ['kill-node', 'east/postgres'],
    ['stop-node', 'west/postgres'],
    ['kill-node', 'east/app-1'],
    ['freeze-node', 'west/postgres'],
  ] as const) {
    it.full(`is healed by drill clean: ${kind} of ${node}`, async () => {
      await system.kill('fault.injected', fault(kind, node));
      expect(gone(), 'the fault lasts').to.deep.equal([node]);
      await system.clean();
      expect(gone()).to.deep.equal([]);
      // The next drill looks whether the system is whole.
      await system.kill('steady.ended');
      await system.clean();
    });
  }
});

const ON_NODES = [
  '{ at: 300ms, kind: stop-node, node: east/app-1, for: 500ms }',
  '{ at: 1200ms, kind: restart-node, node: west/postgres }',
  '{ at: 1500ms, kind: restart-node, node: east/app-1, how: kill }',
  '{ at: 2500ms, kind: freeze-node, node: west/postgres, for: 800ms }',
  '{ at: 2500ms, kind: crash-loop, node: east/app-1, every: 600ms, for: 3s }',
  '{ at: 6s, kind: stop-node, node: east/postgres, for: 500ms }',
];

describe('faults on nodes, one after the other', function () {
  this.timeout(120_000);

  it.full('each bite, last until they are healed, and leave a system that serves', async () => {
    const faults = ON_NODES.join('\n  - ');
    const text = SHORT_DRILL.replace(/(?<=faults:\n {2}- ).*/, () => faults);
    const plan = planOf(`${text}expect: ride-out\ndeclare: after 10s\n`);
    const { result, events } = await runMeasuredInProcess(plan);
    const proved = events.filter((event) => event.event === 'fault.proved');
    const failed = proved.flatMap(({ checks }) => checks.filter(({ ok }) => !ok));
    expect(failed).to.deep.equal([]);
    expect(proved).to.have.length(ON_NODES.length);
    const healed = events.filter((event) => event.event === 'fault.healed');
    expect(healed).to.have.length(ON_NODES.length - 2); // a restart is over at once
    expect(result.reasons.filter((reason) => reason.includes('did not last'))).to.deep.equal([]);
    expect(events.filter(({ event }) => event === 'heal.failed')).to.deep.equal([]);
    expect(events.filter(({ event }) => event === 'service.sustained')).to.have.length(1);
  });
});

describe('a primary that dies alone', function () {
  this.timeout(120_000);

  it.full('is recovered from by the standby, and stays dead', async () => {
    const text = SHORT_DRILL.replace(
      /(?<=faults:\n {2}- ).*/,
      () => '{ at: 500ms, kind: kill-node, node: east/postgres }',
    );
    const { result } = await runMeasuredInProcess(planOf(text));
    expect(result.verdict, result.reasons.join('\n')).to.equal('pass');
    expect(result.faults?.[0]).to.include({ kind: 'kill-node', target: 'east/postgres' });
    expect(result.recovery?.rto_ms).to.be.greaterThan(200);
  });
});
