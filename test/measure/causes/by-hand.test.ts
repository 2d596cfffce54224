// What kept clients from service, by a handful of operations: who had moved and when, and to what
// each stretch of time between two that were not served is charged.
import { expect } from 'chai';
import type { Cause } from '../../../src/drill/cause.ts';
import { UPDATE_WRITERS } from '../../../src/evidence/ledger/operation.ts';
import { mergeOperations } from '../../../src/evidence/ledger/operation-columns.ts';
import {
  clientStretches,
  movedClients,
  type Clients,
} from '../../../src/measure/causes/clients.ts';
import { EAST, operationsOf, WEST, type Op } from '../../support/evidence/synthetic.ts';

const NODES = ['east/app-1', 'west/app-1', 'north/app-1'];
const NORTH = 2;
const [STARTED, MOVED, TTL] = [5_000, 5_500, 1_000];
let sequence = 0;
/** Served by the west, unless it says otherwise. */
const op = (writer: number, scheduled_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer, sequence: ++sequence, scheduled_ms, outcome: 'acknowledged', node: WEST },
  ...more,
});
/** Nobody answered. */
const lost = (writer: number, due_ms: number, more: Partial<Op> = {}): Op => {
  const { node: _, ...its } = op(writer, due_ms);
  return { ...its, outcome: 'unknown', done_ms: due_ms + 1, ...more };
};
const clientsOf = (...ledgers: (readonly Op[])[]): Clients => {
  const operations = mergeOperations(ledgers.map(operationsOf));
  return {
    ...{ operations, nodes: ledgers.map(() => NODES), lost: 'east', started_ms: STARTED },
    isServed: (row) =>
      operations.done_ms.at(row) - operations.scheduled_ms.at(row) <= 100 &&
      operations.outcome.at(row) === 1,
    ...{ within_ms: 100.04, timeout_ms: 1_000, ttl_ms: TTL },
  };
};

describe('clients that moved', () => {
  const moved = (...ledgers: (readonly Op[])[]) => [
    ...movedClients(clientsOf(...ledgers)).values(),
  ];

  it('did when they sent the first that another region answered, whatever the order of rows', () => {
    expect(moved([op(1, 5_600), op(1, 5_700), op(2, 5_650)])).to.deep.equal([5_600, 5_650]);
    expect(moved([op(1, 5_700), op(1, 5_600), op(2, 5_650)])).to.deep.equal([5_600, 5_650]);
    expect(moved([op(1, 5_600, { sent_ms: 5_640 })])).to.deep.equal([5_640]);
    expect(moved([op(1, 5_600), op(1, 5_620, { sent_ms: 5_590 })])).to.deep.equal([5_590]);
    expect(moved([]), 'nobody').to.deep.equal([]);
  });

  it('were not there before the disaster already', () => {
    expect(moved([op(1, STARTED), op(2, STARTED - 1), op(2, 5_600)])).to.deep.equal([STARTED]);
  });

  it('had an answer: of another region, by a node that is known', () => {
    const others = [op(1, 5_600, { node: EAST }), lost(2, 5_600), op(3, 5_600, { node: 9 })];
    expect(moved(others)).to.deep.equal([]);
    expect(moved([op(1, 5_600, { node: NORTH })])).to.deep.equal([5_600]);
  });

  it('are neither the seed nor a marker; who updates is who writes', () => {
    const kinds = (['seed', 'marker'] as const).map((kind) => op(1, 5_600, { kind }));
    expect(moved(kinds)).to.deep.equal([]);
    const update = op(1 + UPDATE_WRITERS, 5_580, { kind: 'update' });
    expect(moved([op(1, 5_600), update, op(1, 5_590, { kind: 'read' })])).to.deep.equal([5_580]);
  });

  it('are those of each store for themselves', () => {
    expect(moved([op(1, 5_600)], [op(1, 5_700)])).to.deep.equal([5_600, 5_700]);
    expect(moved([], [op(0xffff, 5_700)])).to.deep.equal([5_700]);
  });
});

describe('the time of clients', () => {
  const span = { from_ms: 5_505, to_ms: 5_950 };
  const stretches = (ops: readonly Op[], to_ms = span.to_ms, redirected: number | null = MOVED) =>
    clientStretches(clientsOf(ops), redirected, { ...span, to_ms }).map((each) => {
      return [each.from_ms, each.to_ms, each.cause] as const;
    });
  const kinds = (ops: readonly Op[], to_ms?: number, redirected?: number | null) =>
    stretches(ops, to_ms, redirected).map(([from_ms, to, { kind }]) => [from_ms, to, kind]);
  const causeOf = (ops: readonly Op[], to_ms?: number): Cause => stretches(ops, to_ms)[0]![2];
  const NEXT = { kind: 'next-answer' } as const;

  it('goes from one that was not served to the next, to what became of that one', () => {
    const ops = [lost(1, 5_510), lost(2, 5_520), op(1, 5_600), lost(2, 5_700), op(2, 5_800)];
    const cause = { kind: 'dns-cache', clients: 2, still: 0, held_ms: 200, ttl_ms: TTL, hung: 0 };
    const all = { ...cause, operations: 3 };
    expect(stretches(ops)).to.deep.equal([
      [5_505, 5_510, all],
      [5_510, 5_520, all],
      [5_520, 5_700, all],
      [5_700, 5_950, NEXT],
    ]);
    const [first] = stretches(ops, 5_650);
    expect(first![2]).to.deep.equal({ ...cause, still: 1, held_ms: 20, operations: 2 });
    const [last] = stretches(ops, 5_700);
    expect(last![2], 'the last to ask did with the end').to.deep.include({ still: 0 });
    expect(stretches([op(1, 5_600)])).to.deep.equal([[5_505, 5_950, NEXT]]);
    expect(stretches([lost(1, 5_500), op(1, 5_600)]), 'before the span').to.deep.equal([
      [5_505, 5_950, NEXT],
    ]);
  });

  it('counts an answer as kept that was given before the answers moved, for its TTL and no longer', () => {
    const until = (ms: number) => [lost(1, 5_510), lost(1, ms), op(1, ms + 50), op(2, 5_600)];
    const latest = MOVED + TTL + 100;
    expect(kinds(until(latest), 5_600)).to.deep.equal([
      [5_505, 5_510, 'dns-cache'],
      [5_510, 5_600, 'next-answer'],
    ]);
    expect(kinds(until(latest + 1), 5_600)).to.deep.equal([[5_510, 5_600, 'next-answer']]);
    expect(kinds(until(5_600), 5_700, null), 'they never moved').to.deep.equal([
      [5_600, 5_700, 'next-answer'],
    ]);
    // It had no answer yet when it began to be looked at, but one that it sent before.
    const early = [lost(1, 5_510, { sent_ms: 5_400 }), op(1, 5_600)];
    expect(causeOf(early)).to.deep.include({ kind: 'dns-cache', held_ms: 0 });
  });

  it('takes for the last of a client no seed, no marker and nothing of another one', () => {
    const others = [lost(1, 7_000, { kind: 'marker' }), lost(1, 7_000, { kind: 'seed' })];
    const ops = [lost(1, 5_510), ...others, lost(2, 7_000), op(1, 7_100), op(2, 5_600)];
    expect(kinds(ops)[0]).to.deep.equal([5_505, 5_510, 'dns-cache']);
    const own = [lost(1, 5_510), lost(1, 7_000, { kind: 'read' }), op(1, 7_100), op(2, 5_600)];
    expect(kinds(own)[0]![2]).to.equal('next-answer');
    expect(kinds(own.toReversed())[0]![2], 'whatever the order of rows').to.equal('next-answer');
    const after = [lost(1, 5_510), op(1, 5_600), lost(1, 7_000)];
    expect(kinds(after)[0]).to.deep.equal([5_505, 5_510, 'dns-cache']);
  });

  it('counts requests that hung until their timeout, or for ever', () => {
    const hung = (...ends: (number | null)[]) => {
      const ops = ends.map((done_ms, at) => lost(1, 5_510 + at, { done_ms }));
      return (causeOf([...ops, op(1, 5_600)]) as Extract<Cause, { kind: 'dns-cache' }>).hung;
    };
    expect(hung(5_520, 6_509.9)).to.equal(0);
    expect(hung(6_510, 6_511, null)).to.equal(3);
  });

  it('is of the other region where that answered: with errors, or too slowly', () => {
    const refused = (at: number, node: number) => op(1, at, { outcome: 'refused', node });
    const slow = op(1, 5_540, { done_ms: 5_641 });
    const ops = [refused(5_510, WEST), refused(5_520, NORTH), refused(5_530, WEST), slow];
    expect(stretches(ops)).to.deep.equal([
      [5_505, 5_510, { kind: 'errors', region: 'west', operations: 2 }],
      [5_510, 5_520, { kind: 'errors', region: 'north', operations: 1 }],
      [5_520, 5_530, { kind: 'errors', region: 'west', operations: 2 }],
      [5_530, 5_540, { kind: 'slow-answers', region: 'west', operations: 1, within_ms: 100 }],
      [5_540, 5_950, NEXT],
    ]);
    const old = [op(1, 5_510, { outcome: 'refused', node: EAST }), op(1, 5_600)];
    expect(causeOf(old), 'the lost region').to.deep.include({ kind: 'dns-cache' });
  });

  it('is of requests that hang only where a client had moved, and nobody answered it', () => {
    const moved = op(1, 5_506);
    const hangs = (more: Partial<Op> = {}) => lost(1, 5_510, { done_ms: 6_510, ...more });
    expect(causeOf([moved, hangs()])).to.deep.equal({
      ...{ kind: 'hung-requests', operations: 1, timeout_ms: 1_000 },
    });
    const both = [op(1, 5_510), hangs()];
    expect(causeOf(both), 'sent as it moved').to.include({ kind: 'hung-requests' });
    const none: [string, Op[]][] = [
      ['answered in time', [moved, hangs({ done_ms: 6_509 })]],
      ['by the lost region', [moved, hangs({ node: EAST })]],
      ['of a client that never moved', [op(2, 5_506), hangs()]],
    ];
    for (const [why, ops] of none) {
      expect(kinds(ops), why).to.deep.equal([[5_510, 5_950, 'next-answer']]);
    }
  });

  it('is of what could not be sent, whoever was to send it', () => {
    const unsent = (writer: number, at: number) => op(writer, at, { outcome: 'unsent' });
    expect(stretches([unsent(1, 5_510), unsent(2, 5_520), op(1, 5_600)])).to.deep.equal([
      [5_505, 5_510, { kind: 'unsent', operations: 2 }],
      [5_510, 5_520, { kind: 'unsent', operations: 2 }],
      [5_520, 5_950, NEXT],
    ]);
  });
});
