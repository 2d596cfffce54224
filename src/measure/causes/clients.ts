// What kept clients from being served once the answers of DNS had moved, from their ledgers. The
// time from one operation that was not served to the next is charged to what became of that next
// one: without it service would have been back by the one before.
import type { Cause } from '../../drill/cause.ts';
import { regionOf } from '../../base/node-name.ts';
import {
  NO_NODE,
  OPERATION_KIND,
  OUTCOME,
  UPDATE_WRITERS,
  type Operations,
} from '../../evidence/ledger/operation.ts';
import { roundGrain } from '../grain.ts';
import { isOfClients, scheduleOf } from '../operations/schedule.ts';
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

/** An answer of DNS is on its way for so long, at most. */
const SLACK_MS = 100;

/** When each client that the disaster met sent what another region answered; by client. */
export function movedClients(clients: Clients): ReadonlyMap<number, number> {
  const { operations, started_ms } = clients;
  const regions = regionsOf(clients);
  const moved = new Map<number, number>();
  for (let row = 0; row < operations.count; row++) {
    if (!isOfClients(operations, row, -Infinity, Infinity)) continue;
    const region = regionIn(operations, row, regions);
    if (region === null || region === clients.lost) continue;
    const client = clientOf(operations, row);
    const sent = operations.sent_ms[row]!;
    if (sent < (moved.get(client) ?? Infinity)) moved.set(client, sent);
  }
  for (const [client, sent] of moved) if (sent < started_ms) moved.delete(client);
  return moved;
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
    const to_ms = operations.scheduled_ms[row]!;
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

/** When each client that moved sent its last request before; by client. */
function knocksOf({ operations }: Clients, moved: ReadonlyMap<number, number>) {
  const last = new Map<number, number>();
  for (let row = 0; row < operations.count; row++) {
    if (!isOfClients(operations, row, -Infinity, Infinity)) continue;
    const client = clientOf(operations, row);
    const sent = operations.sent_ms[row]!;
    if (sent < (moved.get(client) ?? -Infinity) && sent > (last.get(client) ?? -Infinity)) {
      last.set(client, sent);
    }
  }
  return last;
}

/** Null: the evidence does not tell. */
function metBy(look: Look, row: number, redirected_ms: number | null): Met | null {
  const { operations, lost, moved, ttl_ms } = look;
  const outcome = operations.outcome[row]!;
  if (outcome === OUTCOME.unsent) return { kind: 'unsent', region: '' };
  const region = regionIn(operations, row, look.regions);
  if (region !== null && region !== lost) {
    const isSlow = outcome === OUTCOME.acknowledged;
    return { kind: isSlow ? 'slow-answers' : 'errors', region };
  }
  const sent = operations.sent_ms[row]!;
  const client = clientOf(operations, row);
  const moved_ms = moved.get(client);
  if (moved_ms !== undefined && sent < moved_ms) {
    // An answer is kept for its TTL, and the last old one was given before the first new one.
    const latest_ms = (redirected_ms ?? -Infinity) + ttl_ms + SLACK_MS;
    const isKept = (look.knocked.get(client) ?? sent) <= latest_ms;
    return isKept ? { kind: 'dns-cache', region: '' } : null;
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
      const last = rows.reduce((latest, row) => Math.max(latest, look.operations.sent_ms[row]!), 0);
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
  const waited = operations.done_ms[row]! - operations.sent_ms[row]!;
  return Number.isNaN(waited) || waited >= timeout_ms;
}

/** Null: nobody answered, or somebody who did not say who it is. */
function regionIn(
  { node, ledger }: Operations,
  row: number,
  regions: readonly (readonly string[])[],
): string | null {
  if (node[row] === NO_NODE) return null;
  return regions[ledger[row]!]?.[node[row]!] ?? null;
}

function regionsOf({ nodes }: Clients): string[][] {
  return nodes.map((names) => names.map(regionOf));
}

/** Each store's clients have answers of their own; who updates is who writes. */
function clientOf({ kind, writer, ledger }: Operations, row: number): number {
  const isUpdate = kind[row] === OPERATION_KIND.update;
  return ledger[row]! * 0x1_0000 + writer[row]! - (isUpdate ? UPDATE_WRITERS : 0);
}
