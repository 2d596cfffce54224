// The container engine's own word on a fault, against what the journal says of it.
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { faultSpread, witnessDoubts } from '../../../src/measure/journal/witness.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  journal,
  plan,
  TIMES,
} from '../../support/evidence/synthetic.ts';

const { faultStarted, faultInjected } = TIMES;
const between = (share: number) => faultStarted + share * (faultInjected - faultStarted);

function seen(node: string, t: number, action = 'die', error_ms = 0.5): RunEvent {
  return { t, event: 'node.witnessed', node, action, error_ms } as RunEvent;
}

function onCompose(witnessed: readonly RunEvent[], runtime = 'compose'): RunEvent[] {
  const facts = { runtime, postgres: '17', proxy: 'toxiproxy 2.12.0', settings: {} };
  const up = { t: 10, event: 'topology.up', ...facts, endpoints: [], nodes: [] } as const;
  return [...journal(), { ...up, endpoints: [], nodes: [] }, ...witnessed];
}

const both = [seen('east/postgres', between(0.2)), seen('east/app-1', between(0.9))];
const reasons = (events: RunEvent[], changed: Plan = plan) =>
  witnessDoubts(new Timeline(changed, events)).map(({ reason }) => reason);

describe('the witness of a fault', () => {
  it('leaves no doubt when it saw every node die while the fault was injected', () => {
    expect(reasons(onCompose(both))).to.deep.equal([]);
  });

  it('asks for the GSLB where that was to stand still', () => {
    const lost = plannedFault('lose-gslb', { node: 'gslb' });
    const its: Plan = { ...plan, faults: [lost] };
    expect(reasons(onCompose(both), its).join()).to.contain('never said that gslb was hit (pause)');
    const paused = [seen('gslb', between(0.5), 'pause')];
    expect(reasons(onCompose(paused), its)).to.deep.equal([]);
    const ended = seen('gslb', faultInjected + 300, 'unpause');
    expect(reasons(onCompose([...paused, ended]), its)).to.deep.equal([]);
    const looked: RunEvent = {
      t: faultInjected + 600,
      event: 'fault.looked',
      index: 0,
      checks: [],
    };
    expect(reasons(onCompose([...paused, ended, looked]), its).join()).to.contain(
      'The fault lose-gslb of gslb did not last',
    );
  });

  it('asks for the one node alone that was hit', () => {
    const ofNode = (node: string): Plan => ({
      ...plan,
      faults: [plannedFault('kill-node', { node })],
    });
    expect(reasons(onCompose(both.slice(1)), ofNode('east/app-1'))).to.deep.equal([]);
    expect(reasons(onCompose(both.slice(0, 1)), ofNode('east/app-1')).join()).to.contain(
      'never said that east/app-1 was hit (die)',
    );
    const looked: RunEvent = {
      t: faultInjected + 600,
      event: 'fault.looked',
      index: 0,
      checks: [],
    };
    const again = [...both, seen('east/app-1', faultInjected + 300, 'start'), looked];
    expect(reasons(onCompose(again), ofNode('east/app-1')).join()).to.contain(
      'The fault kill-node of east/app-1 did not last',
    );
    expect(reasons(onCompose(again), ofNode('east/postgres'))).to.deep.equal([]);
  });

  it('is asked for on containers only', () => {
    expect(reasons(onCompose([], 'embedded'))).to.deep.equal([]);
    expect(reasons(journal())).to.deep.equal([]);
  });

  it('doubts a death that it did not see', () => {
    const [doubt, ...others] = reasons(onCompose(both.slice(0, 1)));
    expect(doubt).to.contain('east/app-1');
    expect(others).to.deep.equal([]);
    const unseen = measure({
      ...evidenceOf({ ops: drive(goneFor(400)) }),
      events: onCompose(both.slice(1)),
    });
    expect(unseen.doubts.map(({ reason }) => reason).join()).to.contain('east/postgres');
  });

  it('doubts one that came after the fault was said to be complete, beyond its own error', () => {
    const late = (error_ms: number) => [
      both[0]!,
      seen('east/app-1', faultInjected + 3, 'die', error_ms),
    ];
    expect(reasons(onCompose(late(1)))[0]).to.contain('after the fault was said to be complete');
    // Within its error it may have been in time, at the very end of it too.
    for (const error_ms of [3, 4]) expect(reasons(onCompose(late(error_ms)))).to.deep.equal([]);
  });

  it('takes one that its error may have put before the fault began', () => {
    const early = [both[0]!, seen('east/app-1', faultStarted - 2, 'die', 2)];
    expect(reasons(onCompose(early))).to.deep.equal([]);
  });

  it('leaves every number open', () => {
    const late = seen('east/app-1', faultInjected + 3);
    const doubts = witnessDoubts(new Timeline(plan, onCompose([late])));
    expect(doubts).to.have.length(2);
    for (const { affects } of doubts) expect(affects).to.equal('all');
  });

  it('is not asked about a fault that was never complete, or that the plan does not know', () => {
    const isHalf = ({ event }: RunEvent) => event === 'fault.injected';
    expect(reasons(onCompose(both).filter((event) => !isHalf(event)))).to.deep.equal([]);
    const unknown = journal().find(({ event }) => event === 'fault.started');
    const stranger = { ...unknown, index: 9, region: 'west' } as RunEvent;
    expect(reasons([...onCompose(both), stranger])).to.deep.equal([]);
  });

  it('does not wait for nodes that only a recovery starts', () => {
    const west = plan.faults.map((fault) => ({ ...fault, region: 'west' }));
    const scaled: Plan = { ...plan, faults: west, recover: { ...plan.recover, instances: 2 } };
    const events = onCompose(both).map((event): RunEvent => {
      return event.event === 'fault.started' ? { ...event, region: 'west' } : event;
    });
    const named = reasons(events, scaled).map((reason) => /west\/\S+/.exec(reason)?.[0]);
    expect(named).to.deep.equal(['west/postgres', 'west/app-1']);
  });

  it('takes no earlier death and no other action for it', () => {
    const early = seen('east/app-1', faultStarted - 100);
    expect(reasons(onCompose([both[0]!, early]))[0]).to.contain('east/app-1');
    const paused = seen('east/app-1', between(0.5), 'pause');
    expect(reasons(onCompose([both[0]!, paused]))[0]).to.contain('east/app-1');
  });

  it('sees a freeze as a pause, and nothing of a partition', () => {
    const how = (way: 'freeze' | 'partition'): Plan => ({
      ...plan,
      faults: [plannedFault('lose-region', { how: way, disks: 'kept' })],
    });
    expect(reasons(onCompose([]), how('partition'))).to.deep.equal([]);
    expect(reasons(onCompose(both), how('freeze'))).to.have.length(2);
    const paused = ['east/postgres', 'east/app-1'].map((node) => seen(node, between(0.5), 'pause'));
    expect(reasons(onCompose(paused), how('freeze'))).to.deep.equal([]);
  });

  it('doubts a fault that somebody else ended before drill looked at it again', () => {
    const frozen: Plan = {
      ...plan,
      faults: [plannedFault('lose-region', { how: 'freeze', disks: 'kept' })],
    };
    const paused = ['east/postgres', 'east/app-1'].map((node) => seen(node, between(0.5), 'pause'));
    const then = [
      { t: faultInjected + 600, event: 'recovery.started', with: 'promote-standby', steps: [] },
      { t: faultInjected + 900, event: 'fault.looked', index: 0, checks: [] },
    ] as unknown as RunEvent[];
    const of = (hits: RunEvent[], after_ms: number, action: string, of_plan: Plan) => {
      const ended = seen('east/app-1', faultInjected + after_ms, action);
      return reasons(onCompose([...hits, ended, ...then]), of_plan);
    };
    const went = (after: string) => {
      const what = 'The fault lose-region of region east did not last: The docker engine saw';
      return ['recovery', 'loss', 'failback'].map(() => `${what} ${after} after it was injected.`);
    };
    expect(of(paused, 370, 'unpause', frozen)).to.deep.equal(went('unpause of east/app-1 370 ms'));
    expect(of(paused, 620, 'unpause', frozen), 'the fence, or drill itself').to.deep.equal([]);
    expect(of(both, 700, 'start', plan)).to.deep.equal(went('start of east/app-1 700 ms'));
    expect(of(both, 950, 'start', plan), 'after the look').to.deep.equal([]);
    expect(of(both, 700, 'unpause', plan), 'of what is dead').to.deep.equal([]);
  });

  it('wants the Redis of the region too, where the plan has one', () => {
    const redis = { appendonly: 'no', wait: 0, wait_timeout_ms: 100, carts_per_s: 1 } as const;
    expect(reasons(onCompose(both), { ...plan, redis })[0]).to.contain('east/redis');
  });

  const spread = (events: RunEvent[], of = plan) => {
    const run = new Timeline(of, events);
    return faultSpread(run, run.disaster!);
  };

  it('counts in the spread what may have been hit by the end of the fault, in its region', () => {
    const start = seen('east/postgres', faultStarted, 'die', 0);
    const last = (late_ms: number, error_ms: number) =>
      spread(onCompose([start, seen('east/app-1', faultInjected + late_ms, 'die', error_ms)]));
    const whole = faultInjected - faultStarted;
    expect([last(2, 2), last(2, 1.5)]).to.deep.equal([whole + 2, 0]);
    const others = seen('west/postgres', faultInjected, 'die', 0);
    expect(spread(onCompose([start, others]))).to.equal(0);
  });

  it('says nothing of the spread of a fault that was never complete, or that hits no node', () => {
    const begun = seen('east/postgres', faultStarted, 'die', 0);
    const events = onCompose([begun]);
    expect(spread(events)).to.equal(0);
    expect(spread(events.filter(({ event }) => event !== 'fault.injected'))).to.equal(null);
    const faults = [plannedFault('lose-region', { how: 'partition', disks: 'kept' })];
    expect(spread(events, { ...plan, faults })).to.equal(null);
  });

  it('says how far apart the first and the last were, and nothing where nobody saw it', () => {
    expect(spread(onCompose(both))).to.be.closeTo(between(0.9) - between(0.2), 0.11);
    expect(spread(journal())).to.equal(null);
    const frozen = {
      ...plan,
      faults: [plannedFault('lose-region', { how: 'freeze', disks: 'kept' })],
    } as const;
    // A fence that kills what was frozen before comes later and is no part of the fault.
    const killed = [
      ...['east/postgres', 'east/app-1'].map((node) => seen(node, between(0.5), 'pause')),
      ...['east/postgres', 'east/app-1'].map((node, i) => seen(node, faultInjected + 500 + i * 90)),
    ];
    expect(spread(onCompose(killed), frozen)).to.equal(0);
  });
});
