// The marks of a recovery: which event of the journal each is, and the phases between them.
import { expect } from 'chai';
import { MARK_NAMES, PHASE_NAMES, type Recovery } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { marksOf, phasesOf } from '../../../src/measure/service/phases.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { SMALL, smallJournal, smallPlan } from '../../support/evidence/small.ts';
import { twoStores } from '../../support/evidence/two-stores.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const { faultStarted, cut } = SMALL;
const event = (body: object): RunEvent => body as RunEvent;
const CLIENTS = { first_success: 402, sustained: 410 };
const BASE = {
  ...{ fault_started: 300, detected: 330, declared: 331, fenced: 340, writable: 350 },
  ...{ app_ready: 360, redirected: 370, ...CLIENTS },
};

function marks(more: readonly RunEvent[] = [], plan: Plan = smallPlan, moments = {}) {
  const run = new Timeline(plan, smallJournal(moments, more));
  return marksOf(run, run.disaster!, CLIENTS);
}

describe('the marks of a recovery', () => {
  it('are the first event of each kind since the disaster', () => {
    expect(marks()).to.deep.equal(BASE);
    const again = [
      event({ t: 335, event: 'region.down', region: 'east', detail: '' }),
      event({ t: 336, event: 'disaster.declared', by: 'automatic' }),
      event({ t: 345, event: 'fence.proved', checks: [] }),
      event({ t: 355, event: 'database.writable', node: 'west/postgres', timeline: 2 }),
      event({ t: 365, event: 'app.ready', region: 'west', instances: 1 }),
      event({ t: 375, event: 'gslb.redirected', region: 'west' }),
    ];
    expect(marks(again)).to.deep.equal(BASE);
  });

  it('are none of before the disaster, and none of the failback after the clients stopped', () => {
    const declaredAt = (t: number) => marks([], smallPlan, { 'disaster.declared': t }).declared;
    expect(declaredAt(faultStarted - 1)).to.equal(null);
    expect(declaredAt(faultStarted)).to.equal(faultStarted);
    expect(declaredAt(cut - 1)).to.equal(cut - 1);
    expect(declaredAt(cut)).to.equal(null);
    const open = { 'workload.stopped': null, 'disaster.declared': 5_000 };
    expect(marks([], smallPlan, open).declared).to.equal(5_000); // clients never stopped
  });

  it('are null where nothing of the kind happened', () => {
    const never = {
      ...{ 'region.down': null, 'disaster.declared': null, 'fence.proved': null },
      ...{ 'database.writable': null, 'app.ready': null, 'gslb.redirected': null },
    };
    expect(marks([], smallPlan, never)).to.deep.equal({
      ...{ fault_started: 300, detected: null, declared: null, fenced: null, writable: null },
      ...{ app_ready: null, redirected: null, ...CLIENTS },
    });
  });

  it('are of the region that is lost, or of the one that takes over', () => {
    const other = [
      event({ t: 310, event: 'region.down', region: 'west', detail: '' }),
      event({ t: 311, event: 'app.ready', region: 'east', instances: 1 }),
      event({ t: 312, event: 'gslb.redirected', region: 'east' }),
    ];
    const events = [...other, ...smallJournal()];
    const run = new Timeline(smallPlan, events);
    expect(marksOf(run, run.disaster!, CLIENTS)).to.deep.equal(BASE);
  });

  it('have no detection where no health check sees the disaster', () => {
    const partition = plannedFault('partition', { link: 'east-west' });
    expect(marks([], { ...smallPlan, faults: [partition] }).detected).to.equal(null);
  });

  it('have no promotion where both regions serve', () => {
    expect(marks([], { ...smallPlan, strategy: 'active-active' }).writable).to.equal(null);
  });

  it('have a database for writes once each store has one, whichever others follow', () => {
    const writable = (t: number, node: string) =>
      event({ t, event: 'database.writable', node, timeline: 2 });
    expect(marks([], twoStores).writable).to.equal(null);
    const redis = writable(358, 'west/redis');
    expect(marks([redis], twoStores).writable).to.equal(358);
    expect(marks([writable(352, 'west/postgres')], twoStores).writable).to.equal(null);
    expect(marks([redis, writable(380, 'west/postgres-2')], twoStores).writable).to.equal(358);
  });
});

describe('the phases between the marks', () => {
  const ms = (phases: Recovery['phases']) => phases.map((phase) => phase.ms);

  it('go from mark to mark', () => {
    const phases = phasesOf(BASE, 410, 'warm-standby');
    expect(phases.map(({ name }) => name)).to.deep.equal(PHASE_NAMES);
    expect(ms(phases)).to.deep.equal([30, 1, 9, 10, 10, 10, 32, 8]);
    expect(MARK_NAMES).to.have.length(PHASE_NAMES.length + 1);
  });

  it('take no time where a mark came before the one before it, or after the close', () => {
    expect(ms(phasesOf({ ...BASE, app_ready: 345 }, 410, 'warm-standby'))).to.deep.equal([
      30, 1, 9, 10, 0, 20, 32, 8,
    ]);
    expect(ms(phasesOf(BASE, 345, 'warm-standby'))).to.deep.equal([30, 1, 9, 5, 0, 0, 0, 0]);
    expect(ms(phasesOf(BASE, 290, 'warm-standby'))).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('go as far as the marks do where service did not come back', () => {
    const never = { ...BASE, first_success: null, sustained: null };
    expect(ms(phasesOf(never, null, 'warm-standby'))).to.deep.equal([
      30,
      1,
      9,
      10,
      10,
      10,
      null,
      null,
    ]);
  });

  it('leave the time of a mark that never came to the next phase', () => {
    expect(ms(phasesOf({ ...BASE, fenced: null }, 410, 'warm-standby'))).to.deep.equal([
      30,
      1,
      null,
      19,
      10,
      10,
      32,
      8,
    ]);
  });

  it('call the promotion by what it is', () => {
    const names = (strategy: Plan['strategy']) =>
      phasesOf(BASE, 410, strategy).map(({ name }) => name);
    expect(names('pilot-light')).to.deep.equal(PHASE_NAMES);
    const restored = PHASE_NAMES.map((name) => (name === 'promote' ? 'restore' : name));
    expect(names('backup-restore')).to.deep.equal(restored);
  });
});
