// Evidence made up for tests of a system with two stores: orders in PostgreSQL as in synthetic.ts,
// and carts in Redis, whose clients have their own rate and their own ids.
import type { Plan, StoreRole } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence, StoreEvidence } from '../../../src/evidence/evidence.ts';
import type { LedgerHeader } from '../../../src/evidence/ledger/ledger.ts';
import { MARKER_WRITER } from '../../../src/evidence/ledger/operation.ts';
import type { Reading, SurvivorRow } from '../../../src/evidence/survivors.ts';
import {
  acknowledged,
  drive,
  goneFor,
  header,
  journal,
  marker,
  operationsOf,
  plan,
  rowOf,
  survivorRows,
  TIMES,
  type Op,
  type Service,
} from './synthetic.ts';

const CARTS_PER_S = 50;
export const CART_SPACING_MS = 1000 / CARTS_PER_S;
/** The carts are due between the orders. */
const CARTS_OFFSET_MS = 1.5;
const CART_WRITERS = 4;

export const cartHeader: LedgerHeader = { ...header, store: 'redis' };

export const twoStores: Plan = {
  ...plan,
  targets: { ...plan.targets, redis: { rpo_ms: 1_000, lost_writes: null } },
  redis: { appendonly: 'everysec', wait: 0, wait_timeout_ms: 500, carts_per_s: CARTS_PER_S },
};

export function withTwoTargets(
  targets: Partial<Plan['targets']>,
  redis: Partial<NonNullable<Plan['targets']['redis']>> = {},
): Plan {
  const stated = { ...twoStores.targets, ...targets };
  return { ...twoStores, targets: { ...stated, redis: { ...stated.redis!, ...redis } } };
}

/** The carts of an open-loop workload and its marker; Redis has no timelines. */
export function driveCarts(service: Service, until_ms: number = TIMES.cut): Op[] {
  const ops: Op[] = [];
  for (let index = 0; ; index++) {
    const scheduled_ms = CARTS_OFFSET_MS + index * CART_SPACING_MS;
    if (scheduled_ms >= until_ms) break;
    const { after_ms, ...reply } = service(scheduled_ms, index);
    const writer = (index % CART_WRITERS) + 1;
    const sequence = Math.floor(index / CART_WRITERS) + 1;
    const done_ms = scheduled_ms + after_ms;
    ops.push({ writer, sequence, scheduled_ms, done_ms, ...reply, timeline: 0 });
  }
  ops.push({ ...marker, timeline: 0 });
  return ops;
}

/** What is known of the writes to one store. */
export interface StoreParts {
  readonly ops: readonly Op[];
  /** All that was acknowledged, in the serving one, unless it is said. */
  readonly readings?: Partial<Record<Reading, readonly SurvivorRow[]>>;
}

export interface TwoParts {
  readonly orders?: StoreParts;
  readonly carts?: StoreParts;
  readonly plan?: Plan;
  /** Of the run; those that two stores add are added, unless `drop` says otherwise. */
  readonly events?: readonly RunEvent[];
  readonly drop?: (event: RunEvent) => boolean;
  readonly problems?: Evidence['problems'];
}

export const someOrders: StoreParts = { ops: drive(goneFor(600)) };
export const someCarts: StoreParts = { ops: driveCarts(goneFor(600)) };

export function readingsOf({ ops, readings }: StoreParts): NonNullable<StoreParts['readings']> {
  return readings ?? { serving: acknowledged(ops).map(rowOf) };
}

/** The events of a second store beside those of the first. */
export function twoJournals(orders: StoreParts, carts: StoreParts, events = journal()): RunEvent[] {
  const { cut } = TIMES;
  const node = 'west/app-1';
  const store = 'carts';
  const written = { writer: MARKER_WRITER, sequence: 1, node, ok: true, detail: '' };
  return [
    ...events,
    ...readEvents('orders', 'west/postgres', orders),
    { t: 0, event: 'workload.started', store, scheduled_from_ms: 0 },
    { t: TIMES.faultStarted + 485, event: 'database.writable', node: 'west/redis', timeline: 0 },
    { t: cut + 1, event: 'workload.stopped', store },
    { t: cut + 1_001, event: 'workload.drained', store, in_flight: 0 },
    { t: cut + 1_111, event: 'marker.written', store, ...written },
    ...readEvents('carts', 'west/redis', carts),
  ];
}

function readEvents(store: StoreRole, node: string, parts: StoreParts): RunEvent[] {
  return Object.entries(readingsOf(parts)).map(([reading, rows]) => {
    const facts = { rows: rows.length, timeline: 0, snapshot: '', ok: true, detail: '' };
    return { t: TIMES.cut + 1_200, event: 'survivors.read', store, reading, node, ...facts };
  });
}

/** Of a run in which nothing was lost in either store, but for what `parts` says. */
export function evidenceOfTwo(parts: TwoParts = {}): Evidence {
  const { orders = someOrders, carts = someCarts, drop = () => false, problems = [] } = parts;
  const events = twoJournals(
    orders,
    carts,
    parts.events === undefined ? undefined : [...parts.events],
  );
  return {
    plan: parts.plan ?? twoStores,
    events: events.filter((event) => !drop(event)),
    stores: [storeOf('orders', header, orders), storeOf('carts', cartHeader, carts)],
    problems,
  };
}

function storeOf(store: StoreRole, headed: LedgerHeader, parts: StoreParts): StoreEvidence {
  const entries = Object.entries(readingsOf(parts)) as [Reading, readonly SurvivorRow[]][];
  const readings = new Map(entries.map(([name, rows]) => [name, survivorRows(rows, headed)]));
  return { store, header: headed, operations: operationsOf(parts.ops), readings };
}
