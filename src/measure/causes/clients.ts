// What kept clients from being served once the answers of DNS had moved, from their ledgers. The
// time from one operation that was not served to the next is charged to what became of that next
// one: without it service would have been back by the one before.
import type { Cause } from '../../drill/cause.ts';
import { regionOf } from '../../base/node-name.ts';
import {
  OPERATION_KIND,
  OUTCOME,
  UPDATE_WRITERS,
  type Operations,
} from '../../evidence/ledger/operation.ts';
import { roundGrain } from '../grain.ts';
import { isDoneByClients, scheduleOf, spansOf } from '../operations/schedule.ts';
import type { Span } from '../timeline.ts';
import type { Stretch } from './charge.ts';

export interface Clients {
  /** As they count for service, of all stores. */
  readonly operations: Operations;
  /** Names of nodes by their numbers, of each ledger. */
  readonly nodes: readonly (readonly string[])[];
  readonly lost: string;
  readonly started_ms: number;
  /** Whether the operation of a row was. */
  readonly isServed: (row: number) => boolean;
  /** What is acknowledged later than this is not served. */
  readonly within_ms: number;
  readonly timeout_ms: number;
  readonly ttl_ms: number;
}

/** Numbers of writers are below. */
const CLIENTS_MAX = 0x1_0000;
/** An answer of DNS is on its way for so long, at most. */
const SLACK_MS = 100;

/** When each client that the disaster met sent what another region answered; by client. */
export function movedClients(clients: Clients): ReadonlyMap<number, number> {
  const { operations, lost, started_ms } = clients;
  const { count, node, ledger, sent_ms } = operations;
  const isElsewhere = clients.nodes.map((names) => names.map((name) => regionOf(name) !== lost));
  const isMoved = (row: number) =>
    isElsewhere[ledger.at(row)]![node.at(row)] === true && isDoneByClients(operations, row);
  const first = timesOf(clients, Infinity);
  // One of each client bounds the others; rows are nearly in the order of their times.
  let latest_ms = -Infinity;
  const seen: number[] = [];
  for (let row = 0; row < count; row++) {
    if (!isMoved(row) || first[clientOf(operations, row)] !== Infinity) continue;
    first[clientOf(operations, row)] = sent_ms.at(row);
    seen.push(clientOf(operations, row));
    latest_ms = Math.max(latest_ms, sent_ms.at(row));
  }
  for (const [begin, end] of spansOf(operations, sent_ms, -Infinity, latest_ms)) {
    for (let row = begin; row < end; row++) {
      if (!isMoved(row)) continue;
      const client = clientOf(operations, row);
      if (sent_ms.at(row) < first[client]!) first[client] = sent_ms.at(row);
    }
  }
  const isMet = (client: number) => first[client]! >= started_ms;
  return byClient(seen.filter(isMet), first);
}

/** A time for each client that there can be. */
function timesOf({ nodes }: Clients, ms: number): Float64Array {
  return new Float64Array(nodes.length * CLIENTS_MAX).fill(ms);
}

function byClient(clients: Iterable<number>, times: Float64Array): ReadonlyMap<number, number> {
  return new Map([...clients].map((client) => [client, times[client]!]));
}

/** Of a phase in which clients move; `redirected_ms` null: the answers of DNS never moved. */
export function clientStretches(
  clients: Clients,
  redirected_ms: number | null,
  span: Span,
): Stretch[] {
  const { operations, isServed } = clients;
  const moved = movedClients(clients);
  const knocked = knocksOf(clients, moved);
  const look = { ...clients, span, regions: regionsOf(clients), moved, knocked };
  const unserved = [...scheduleOf(operations, span.from_ms, span.to_ms)].filter((row) => {
    return !isServed(row);
  });
  const found = unserved.map((row) => ({ row, met: metBy(look, row, redirected_ms) }));
  const causes = new Map<string, Cause>();
  for (const { met } of found) {
    if (met === null || causes.has(keyOf(met))) continue;
    const alike = found.filter((each) => each.met !== null && keyOf(each.met) === keyOf(met));
    const rows = alike.map(({ row }) => row);
    causes.set(keyOf(met), causeOf(met, rows, look, redirected_ms));
  }
  let from_ms = span.from_ms;
  const stretches = found.flatMap(({ row, met }): Stretch[] => {
    const to_ms = operations.scheduled_ms.at(row);
    const stretch = { from_ms, to_ms };
    from_ms = to_ms;
    return met === null ? [] : [{ ...stretch, cause: causes.get(keyOf(met))! }];
  });
  return [...stretches, { from_ms, to_ms: span.to_ms, cause: { kind: 'next-answer' } }];
}

/** What became of an operation that was not served. */
interface Met {
  readonly kind: 'dns-cache' | 'errors' | 'slow-answers' | 'hung-requests' | 'unsent';
  /** Who answered; empty: nobody. */
  readonly region: string;
}

function keyOf({ kind, region }: Met): string {
  return `${kind} ${region}`;
}

interface Look extends Clients {
  readonly span: Span;
  readonly regions: readonly (readonly string[])[];
  readonly moved: ReadonlyMap<number, number>;
  readonly knocked: ReadonlyMap<number, number>;
}

/** When each client that moved sent its last request before; by client. -Infinity: it sent none. */
function knocksOf(clients: Clients, moved: ReadonlyMap<number, number>) {
  const { operations } = clients;
  const { sent_ms } = operations;
  const last = timesOf(clients, -Infinity);
  const until_ms = timesOf(clients, -Infinity);
  let latest_ms = -Infinity;
  for (const [client, sent] of moved) {
    until_ms[client] = sent;
    latest_ms = Math.max(latest_ms, sent);
  }
  for (const [first, end] of spansOf(operations, sent_ms, -Infinity, latest_ms)) {
    for (let row = first; row < end; row++) {
      if (!isDoneByClients(operations, row)) continue;
      const client = clientOf(operations, row);
      const sent = sent_ms.at(row);
      if (sent < until_ms[client]! && sent > last[client]!) last[client] = sent;
    }
  }
  return byClient(moved.keys(), last);
}

/** Null: the evidence does not tell. */
function metBy(look: Look, row: number, redirected_ms: number | null): Met | null {
  const { operations, lost, moved, ttl_ms } = look;
  const outcome = operations.outcome.at(row);
  if (outcome === OUTCOME.unsent) return { kind: 'unsent', region: '' };
  const region = regionIn(operations, row, look.regions);
  if (region !== null && region !== lost) {
    const isSlow = outcome === OUTCOME.acknowledged;
    return { kind: isSlow ? 'slow-answers' : 'errors', region };
  }
  const sent = operations.sent_ms.at(row);
  const client = clientOf(operations, row);
  const moved_ms = moved.get(client);
  if (moved_ms !== undefined && sent < moved_ms) {
    // An answer is kept for its TTL, and the last old one was given before the first new one.
    const latest_ms = (redirected_ms ?? -Infinity) + ttl_ms + SLACK_MS;
    return look.knocked.get(client)! <= latest_ms ? { kind: 'dns-cache', region: '' } : null;
  }
  // Nothing leads a client that has moved to the lost region.
  const isHung = moved_ms !== undefined && region === null && hasHung(look, row);
  return isHung ? { kind: 'hung-requests', region: '' } : null;
}

function causeOf(
  { kind, region }: Met,
  rows: readonly number[],
  look: Look,
  redirected_ms: number | null,
): Cause {
  const { within_ms, timeout_ms, ttl_ms, moved } = look;
  const operations = rows.length;
  switch (kind) {
    case 'dns-cache': {
      const last = rows.reduce(
        (latest, row) => Math.max(latest, look.operations.sent_ms.at(row)),
        0,
      );
      const held_ms = roundGrain(Math.max(0, last - redirected_ms!));
      const hung = rows.filter((row) => hasHung(look, row)).length;
      const still = [...look.knocked.values()].filter((sent) => sent > look.span.to_ms).length;
      return { kind, clients: moved.size, still, held_ms, ttl_ms, hung, operations };
    }
    case 'errors':
      return { kind, region, operations };
    case 'slow-answers':
      return { kind, region, operations, within_ms: roundGrain(within_ms) };
    case 'hung-requests':
      return { kind, operations, timeout_ms };
    case 'unsent':
      return { kind, operations };
  }
}

/** Whether it ended by its timeout, or never. */
function hasHung({ operations, timeout_ms }: Clients, row: number): boolean {
  const waited = operations.done_ms.at(row) - operations.sent_ms.at(row);
  return Number.isNaN(waited) || waited >= timeout_ms;
}

/** Null: nobody answered, or somebody who did not say who it is. */
function regionIn(
  { node, ledger }: Operations,
  row: number,
  regions: readonly (readonly string[])[],
): string | null {
  return regions[ledger.at(row)]![node.at(row)] ?? null;
}

function regionsOf({ nodes }: Clients): string[][] {
  return nodes.map((names) => names.map(regionOf));
}

/** Each store's clients have answers of their own; who updates is who writes. */
function clientOf({ kind, writer, ledger }: Operations, row: number): number {
  const isUpdate = kind.at(row) === OPERATION_KIND.update;
  return ledger.at(row) * CLIENTS_MAX + writer.at(row) - (isUpdate ? UPDATE_WRITERS : 0);
}
