// The failback of a system with two stores: each has two counts, and the slower one says how long
// writes paused.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import type { Reading } from '../../../src/evidence/survivors.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { BACK, driveBack, evidenceOfBack, movesIn } from '../../support/evidence/failback-story.ts';
import {
  acknowledged,
  idOf,
  operationsOf,
  rowOf,
  survivorRows,
  type Op,
} from '../../support/evidence/synthetic.ts';
import {
  CART_SPACING_MS,
  cartHeader,
  driveCarts,
  someCarts,
  twoStores,
} from '../../support/evidence/two-stores.ts';

const store = 'carts';
const plan = {
  ...{ ...twoStores, failback: true },
  targets: { ...twoStores.targets, failback_rto_ms: 1_000 },
};

/** Carts go on at their own pace, with ids of their own. */
function cartsBack(pause_ms: number): Op[] {
  const every = CART_SPACING_MS / 5;
  return driveBack(movesIn(pause_ms))
    .filter(({ kind }, at) => kind === 'marker' || at % every === 0)
    .map((op): Op => {
      return { ...op, timeline: 0, ...(op.kind ? {} : { sequence: op.sequence + 9_000 }) };
    });
}

interface Parts {
  readonly pause_ms?: number;
  readonly gone?: (after: readonly Op[]) => readonly Op[];
  readonly drop?: (event: RunEvent) => boolean;
}

function evidenceOf({ pause_ms = 500, gone = () => [], drop = () => false }: Parts = {}): Evidence {
  const orders = evidenceOfBack({ plan, after: driveBack(movesIn(150)) });
  const before = driveCarts((now, at) => serviceOfOrders(now, at));
  const after = cartsBack(pause_ms);
  const missing = new Set(gone(after).map(idOf));
  const serving = acknowledged(before).map(rowOf);
  const last = [...serving, ...acknowledged(after).map(rowOf)].filter(
    (row) => !missing.has(idOf(row)),
  );
  const read = (reading: Reading, rows: number, t: number): RunEvent => ({
    ...({ t, event: 'survivors.read', store, reading, rows, node: 'redis', ok: true } as const),
    ...{ timeline: 0, snapshot: '', detail: '' },
  });
  const again = orders.events.flatMap((event): RunEvent[] => {
    const named = ['workload.started', 'workload.stopped', 'workload.drained', 'marker.written'];
    if (!named.includes(event.event)) return [];
    return [{ ...event, t: event.t + 0.5, store } as RunEvent];
  });
  const writable: RunEvent = {
    ...{ t: 5_485, event: 'database.writable', node: 'west/redis', timeline: 0 },
  };
  const events = [
    ...[...orders.events, ...again, writable],
    ...[read('serving', serving.length, 21_200), read('after-failback', last.length, 36_200)],
  ];
  const readings = new Map([
    ['serving', survivorRows(serving)],
    ['after-failback', survivorRows(last)],
  ] as const);
  const operations = operationsOf([...before, ...after]);
  const carts = { store, header: cartHeader, operations, readings } as const;
  return {
    ...orders,
    events: events.filter((event) => !drop(event)),
    stores: [...orders.stores, carts],
  };
}

/** As the orders' clients saw it: gone for 600 ms. */
function serviceOfOrders(now: number, at: number) {
  const op = someCarts.ops[at]!;
  return {
    outcome: op.outcome,
    after_ms: op.done_ms! - now,
    ...(op.node === undefined ? {} : { node: op.node }),
  };
}

describe('the failback of two stores', () => {
  it('passes when nothing was lost in either', () => {
    const { verdict, reasons, failback } = assess(evidenceOf({ pause_ms: 200 }));
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(failback!.loss!.stores.redis!.lost).to.equal(0);
  });

  it('paused for as long as the slower store', () => {
    const { failback } = measure(evidenceOf({ pause_ms: 500 }));
    expect(failback!.pause_ms).to.be.within(500, 500 + 2 * CART_SPACING_MS);
    const quick = measure(evidenceOf({ pause_ms: 20 })).failback!;
    expect(quick.pause_ms).to.be.within(150, 165);
  });

  it('names the store that lost something in it', () => {
    const some = (after: readonly Op[]) => acknowledged(after).slice(30, 32);
    const { failures, loss, failback } = measure(evidenceOf({ pause_ms: 200, gone: some }));
    const ids = some(cartsBack(200)).map(idOf).join(', ');
    const text = `Failback: Redis: 2 acknowledged writes were lost in it: ${ids}.`;
    expect(failures).to.deep.equal([{ code: 'write-lost-in-failback', store: 'redis', text }]);
    expect(loss!.classes.lost).to.equal(0);
    expect(failback!.loss!.lost_ids.every((id) => id.store === 'carts')).to.equal(true);
  });

  it('needs the clients of both to begin again', () => {
    const drop = (event: RunEvent) =>
      event.event === 'workload.started' && event.t > BACK.phase && event.store === store;
    const { verdict, reasons } = assess(evidenceOf({ pause_ms: 200, drop }));
    expect(verdict).to.equal('inconclusive');
    expect(reasons).to.include('Failback: Clients never began again, so nothing was seen of it.');
  });

  it('needs the second reading, the marker and the drain of both', () => {
    const isLate = ({ t }: RunEvent) => t > BACK.phase;
    for (const name of ['workload.stopped', 'workload.drained', 'marker.written'] as const) {
      const drop = (event: RunEvent) =>
        event.event === name && 'store' in event && event.store === store && isLate(event);
      expect(assess(evidenceOf({ pause_ms: 200, drop })).verdict, name).to.equal('inconclusive');
    }
    const unread = evidenceOf({ pause_ms: 200 });
    const [orders, carts] = unread.stores;
    const readings = new Map([...carts!.readings].slice(0, 1));
    const { reasons } = assess({ ...unread, stores: [orders!, { ...carts!, readings }] });
    expect(reasons.join()).to.match(/^Failback: Redis: .*after the failback is not known/);
  });
});
