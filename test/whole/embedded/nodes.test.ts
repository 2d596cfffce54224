// Single nodes that a fault takes away, on a real system that is up: the heal brings each back, also
// where `drill clean` does it for a runner that was killed; and a primary that dies by itself.
import { expect } from 'chai';
import {
  areStopped,
  isStillThere,
  type OtherProcess,
} from '../../../src/host/process/processes.ts';
import { readKeptSystem } from '../../../src/topology/kept-system.ts';
import type { EmbeddedParts } from '../../../src/topology/embedded/keep.ts';
import { it } from '../../support/commands.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { SHORT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import { runMeasuredInProcess } from '../../support/whole/in-process-run.ts';
import { calmDrill, killAt } from '../../support/whole/killed.ts';

const FREEZE = '{ at: 60s, kind: lose-region, region: east, how: freeze }';
/** A disaster by itself, or before one that is far away. */
const fault = (kind: string, node: string) =>
  `{ at: 300ms, kind: ${kind}, node: ${node} }${node === 'east/postgres' ? '' : `\n  - ${FREEZE}`}`;

describe('a fault on one node whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  let place: Workplace;
  let system: string;

  before(async () => {
    place = new Workplace(calmDrill(FREEZE));
    const up = await place.run(['up', 'drill.yaml']);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
    system = place.runs().at(-1)!;
  });
  after(async () => {
    await place.run(['clean']);
    await place.run(['down', '--all']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  const gone = () => {
    const { servers, apps } = readKeptSystem(system).parts as EmbeddedParts;
    const isGone = (each: OtherProcess) => !isStillThere(each) || areStopped([each.pid]);
    return [...servers, ...apps].filter(isGone).map(({ node }) => node);
  };

  it.full('is healed by drill clean: stress-cpu, whatever stood still at that moment', async () => {
    place.write('killed.yaml', calmDrill(fault('stress-cpu', 'west/postgres')));
    await killAt(place, 'fault.proved', 'killed.yaml');
    const cleaned = await place.run(['clean']);
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(gone()).to.deep.equal([]);
  });

  for (const [kind, node] of [
    ['kill-node', 'east/postgres'],
    ['stop-node', 'west/postgres'],
    ['kill-node', 'east/app-1'],
    ['freeze-node', 'west/postgres'],
  ] as const) {
    it.full(`is healed by drill clean: ${kind} of ${node}`, async () => {
      place.write('killed.yaml', calmDrill(fault(kind, node)));
      await killAt(place, 'fault.injected', 'killed.yaml');
      expect(gone(), 'the fault lasts').to.deep.equal([node]);
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
      expect(gone()).to.deep.equal([]);
      // The next drill looks whether the system is whole.
      await killAt(place, 'steady.ended', 'drill.yaml');
      expect((await place.run(['clean'])).code).to.equal(0);
    });
  }
});

const ON_NODES = [
  '{ at: 300ms, kind: stop-node, node: east/app-1, for: 500ms }',
  '{ at: 1200ms, kind: restart-node, node: west/postgres }',
  '{ at: 1500ms, kind: restart-node, node: east/app-1, how: kill }',
  '{ at: 2500ms, kind: freeze-node, node: west/postgres, for: 800ms }',
  '{ at: 2500ms, kind: crash-loop, node: west/app-1, every: 300ms, for: 1200ms }',
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
