// What a journal says happened when: the moments that every number of a run hangs on.
import { expect } from 'chai';
import { NO_EFFECT } from '../../src/drill/fault/fault.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { Timeline } from '../../src/measure/timeline.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { twoStores } from '../support/evidence/two-stores.ts';

type Body = { readonly t: number; readonly event: string; readonly [key: string]: unknown };
const timeline = (events: readonly Body[], its = plan) =>
  new Timeline(
    its,
    events.map((body: object) => body as RunEvent),
  );
const fault = (t: number, index = 0, disaster = true): Body => ({
  ...{ t, event: 'fault.started', index, disaster, region: 'east', kind: 'lose-region' },
});
const clients = (t: number, what: 'started' | 'stopped', store = 'orders'): Body => ({
  ...{ t, event: `workload.${what}`, store, ...(what === 'started' && { scheduled_from_ms: t }) },
});
const phase = (t: number, name: string): Body => ({ t, event: 'phase.started', phase: name });

describe('the events of a run', () => {
  const events = () => timeline([clients(5, 'stopped'), fault(9), clients(3, 'stopped', 'carts')]);

  it('are found by name, in the order of the journal', () => {
    const run = events();
    expect(run.all('workload.stopped').map(({ t }) => t)).to.deep.equal([5, 3]);
    expect(run.all('data.harmed')).to.deep.equal([]);
    expect(run.first('workload.stopped')?.t).to.equal(5);
    expect(run.first('data.harmed')).to.equal(undefined);
    expect(run.events).to.have.length(3);
  });

  it('are found by the store that they are about', () => {
    const run = events();
    expect(run.ofStore('workload.stopped', 'carts').map(({ t }) => t)).to.deep.equal([3]);
    expect(run.ofStore('workload.stopped', 'orders').map(({ t }) => t)).to.deep.equal([5]);
  });
});

describe('the disaster', () => {
  it('is the fault that the plan calls so, with its effect and the time that it took', () => {
    const injected = { t: 14, event: 'fault.injected', index: 1, detail: '' };
    const early = { t: 11, event: 'fault.injected', index: 0, detail: '' };
    const faults = [{ ...plan.faults[0]!, index: 1 }];
    const run = timeline([fault(8, 0, false), fault(10, 1), early, injected], { ...plan, faults });
    expect(run.disaster).to.deep.equal({
      ...{ index: 1, region: 'east', effect: faults[0]!.effect, started_ms: 10, injected_ms: 14 },
      bitten: null,
    });
  });

  it('began when it was over where the journal does not say, and never ends before it begins', () => {
    expect(timeline([fault(10)]).disaster?.injected_ms).to.equal(10);
    const before = { t: 7, event: 'fault.injected', index: 0, detail: '' };
    expect(timeline([fault(10), before]).disaster?.injected_ms).to.equal(10);
  });

  it('has no effect that is known where the plan does not know it, and is null where none came', () => {
    expect(timeline([fault(10, 7)]).disaster?.effect).to.equal(NO_EFFECT);
    expect(timeline([fault(10, 0, false)]).disaster).to.equal(null);
    expect(timeline([]).disaster).to.equal(null);
  });

  it('has its own first injection and heal', () => {
    const heal = (t: number, index: number) => ({ t, event: 'fault.healed', index, by: 'end' });
    const run = timeline([heal(20, 1), heal(21, 0), heal(22, 0)]);
    expect([run.healed(0)?.t, run.healed(1)?.t, run.healed(2)]).to.deep.equal([21, 20, undefined]);
  });
});

describe('the steady phase', () => {
  it('is whole or none', () => {
    const [from, to] = [
      { t: 1, event: 'steady.started' },
      { t: 4, event: 'steady.ended' },
    ];
    expect(timeline([from, to]).steady).to.deep.equal({ from_ms: 1, to_ms: 4 });
    expect([timeline([from]).steady, timeline([to]).steady]).to.deep.equal([null, null]);
  });

  it('is hit by the first fault since it began, not by a condition before it', () => {
    const from = { t: 5, event: 'steady.started' };
    expect(timeline([fault(4), from, fault(9), fault(7)]).hit_ms).to.equal(7);
    expect(timeline([from, fault(5)]).hit_ms).to.equal(5);
    expect(timeline([from]).hit_ms).to.equal(Infinity);
    expect(timeline([fault(9)]).hit_ms).to.equal(Infinity);
  });
});

describe('the failback', () => {
  const begun = [clients(0, 'started'), clients(1, 'started', 'carts')];

  it('begins with its phase', () => {
    const run = timeline([...begun, phase(20, 'verify'), phase(30, 'failback')]);
    expect(run.failback_ms).to.equal(30);
  });

  it('begins with the first clients that began again, where the journal has no phase', () => {
    const run = timeline([...begun, clients(40, 'started', 'carts'), clients(35, 'started')]);
    expect(run.failback_ms).to.equal(35);
    expect(run.resume('carts')?.t).to.equal(40);
  });

  it('never began without either', () => {
    const run = timeline([...begun, phase(20, 'verify')]);
    expect([run.failback_ms, run.resume('orders')]).to.deep.equal([Infinity, undefined]);
  });

  it('parts the events of a store, its start included', () => {
    const stops = [10, 30, 29].map((t) => clients(t, 'stopped'));
    const run = timeline([...begun, phase(30, 'failback'), ...stops]);
    const times = (slice: 'drill' | 'failback') =>
      run.ofSlice('workload.stopped', 'orders', slice).map(({ t }) => t);
    expect([times('drill'), times('failback')]).to.deep.equal([[10, 29], [30]]);
    expect([run.stop('orders'), run.stop('orders', 'failback')]).to.deep.equal([10, 30]);
    expect(run.stop('carts')).to.equal(null);
  });
});

describe('the end of what clients saw', () => {
  it('is the first stop of any store, where all of them stopped', () => {
    const orders = clients(20, 'stopped');
    const both = timeline([orders, clients(15, 'stopped', 'carts')], twoStores);
    expect([both.cut(), both.cut('failback')]).to.deep.equal([15, null]);
    expect(both.sight()).to.deep.equal({ until_ms: 15, now_ms: null });
    expect(timeline([orders], twoStores).cut()).to.equal(null);
    expect(timeline([orders]).cut()).to.equal(20);
  });

  it('is what ended the run, whatever that was; operations are under way then', () => {
    const last = { t: 90, event: 'run.finished', wall_ms: 90 };
    for (const name of [
      'run.limited',
      'run.interrupted',
      'environment.failed',
      'internal.failed',
    ]) {
      const run = timeline([clients(0, 'started'), last, { t: 50, event: name }]);
      expect(run.sight(), name).to.deep.equal({ until_ms: 50, now_ms: 50 });
    }
  });

  it('is the last that the journal says, where nothing ended the run', () => {
    const run = timeline([clients(0, 'started'), fault(70), fault(60)]);
    expect(run.sight()).to.deep.equal({ until_ms: 70, now_ms: 70 });
  });

  it('is of the failback what ended the run since that began', () => {
    const end = (t: number) => ({ t, event: 'run.limited', reason: '' });
    const run = timeline([phase(30, 'failback'), end(20), end(30), end(40)]);
    expect(run.sight('failback').until_ms).to.equal(30);
    expect(run.sight().until_ms).to.equal(20);
  });
});
