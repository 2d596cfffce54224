// Evidence made up for tests: a workload against a service whose behaviour is a function of time,
// and a journal and survivors that fit. Times are milliseconds since the run's origin.
import { Column } from '../../../src/base/column.ts';
import { expectedDigest } from '../../../src/base/payload.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { basePlan } from '../plan/base-plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import type { LedgerHeader } from '../../../src/evidence/ledger/ledger.ts';
import { OperationColumns } from '../../../src/evidence/ledger/operation-columns.ts';
import {
  MARKER_WRITER,
  NO_NODE,
  OPERATION_KIND,
  OUTCOME,
} from '../../../src/evidence/ledger/operation.ts';
import type { Operations, Outcome } from '../../../src/evidence/ledger/operation.ts';
import { strictly } from './strict-numbers.ts';
import type { Reading, SurvivorRow, SurvivorRows } from '../../../src/evidence/survivors.ts';

export const TIMES = {
  steadyFrom: 1_000,
  steadyTo: 3_000,
  faultStarted: 5_000,
  faultInjected: 5_002,
  cut: 20_000,
} as const;
export const RATE_PER_S = 200;
export const SPACING_MS = 1000 / RATE_PER_S;
export const TIMEOUT_MS = 1_000;
export const PAYLOAD_BYTES = 64;
const SEED = 7;
export const EAST = 0;
export const WEST = 1;

export const header: LedgerHeader = {
  schema: 'drill.ledger/1',
  run: 'run-1',
  store: 'postgres',
  seed: SEED,
  payload_bytes: PAYLOAD_BYTES,
  nodes: ['east/app-1', 'west/app-1'],
};

export const plan: Plan = {
  ...basePlan,
  name: 'synthetic',
  seed: SEED,
  targets: { ...basePlan.targets, rpo_ms: 1_000 },
  regions: basePlan.regions.map((region) => {
    return { ...region, app: { instances: 1, capacity_per_s: 200 } };
  }),
  links: {},
  workload: {
    ...basePlan.workload,
    rate_per_s: RATE_PER_S,
    payload_bytes: PAYLOAD_BYTES,
    timeout_ms: TIMEOUT_MS,
    seed_rows: 0,
  },
  warm_up: { at_most_ms: 5_000 },
  steady: { for_ms: 2_000 },
  recover: { with: 'promote-standby', deadline_ms: 14_000, instances: 1 },
};

/** One operation as a test states it. */
export interface Op {
  readonly kind?: keyof typeof OPERATION_KIND;
  readonly writer: number;
  readonly sequence: number;
  readonly scheduled_ms: number;
  readonly sent_ms?: number;
  readonly done_ms?: number | null;
  readonly outcome: Outcome;
  readonly node?: number;
  readonly timeline?: number;
  readonly flags?: number;
}

export function operationsOf(ops: readonly Op[]): Operations {
  const columns = new OperationColumns();
  for (const op of ops) {
    const { writer, sequence, scheduled_ms, done_ms, flags = 0 } = op;
    const kind = OPERATION_KIND[op.kind ?? 'write'];
    const isSent = op.outcome !== 'unsent';
    const sent_ms = op.sent_ms ?? scheduled_ms;
    columns.addSent({ kind, writer, sequence, scheduled_ms, sent_ms }, isSent, flags);
    if (!isSent || done_ms === null) continue;
    columns.addOutcome({
      kind,
      writer,
      sequence,
      outcome: OUTCOME[op.outcome],
      done_ms: done_ms ?? sent_ms + 2,
      node: op.node ?? NO_NODE,
      timeline: op.timeline ?? 0,
      flags,
    });
  }
  return strictly(columns.operations());
}

/** What a service does with an operation that is due now. */
export type Reply = Pick<Op, 'outcome' | 'node' | 'timeline'> & { readonly after_ms: number };
export type Service = (now_ms: number, index: number) => Reply;

export const fromEast: Reply = { outcome: 'acknowledged', after_ms: 2, node: EAST, timeline: 1 };
export const fromWest: Reply = { outcome: 'acknowledged', after_ms: 2, node: WEST, timeline: 2 };
export const refuses: Reply = { outcome: 'refused', after_ms: 1 };
export const hangs: Reply = { outcome: 'unknown', after_ms: TIMEOUT_MS };

/** A service that is gone for `outage_ms` after the fault began. */
export function goneFor(outage_ms: number, meanwhile: Service = () => refuses): Service {
  return (now, index) => {
    if (now < TIMES.faultStarted) return fromEast;
    if (now >= TIMES.faultStarted + outage_ms) return fromWest;
    return meanwhile(now, index);
  };
}

/** The operations of an open-loop workload, and the marker after it. */
export function drive(
  service: Service,
  options: { offset_ms?: number; until_ms?: number } = {},
): Op[] {
  const { offset_ms = 0, until_ms = TIMES.cut } = options;
  const ops: Op[] = [];
  for (let index = 0; offset_ms + index * SPACING_MS < until_ms; index++) {
    const scheduled_ms = offset_ms + index * SPACING_MS;
    const { after_ms, ...reply } = service(scheduled_ms, index);
    const writer = (index % 16) + 1;
    const sequence = Math.floor(index / 16) + 1;
    ops.push({ writer, sequence, scheduled_ms, done_ms: scheduled_ms + after_ms, ...reply });
  }
  ops.push(marker);
  return ops;
}

export const marker: Op = {
  kind: 'marker',
  writer: MARKER_WRITER,
  sequence: 1,
  scheduled_ms: TIMES.cut + 1_100,
  outcome: 'acknowledged',
  node: WEST,
  timeline: 2,
};

export function rowOf({ writer, sequence }: Pick<Op, 'writer' | 'sequence'>): SurvivorRow {
  const { high, low } = expectedDigest(SEED, writer, sequence, PAYLOAD_BYTES);
  const payload_bytes = PAYLOAD_BYTES;
  return { writer, sequence, digest_high: high, digest_low: low, payload_bytes };
}

/** `headed` is the header of the ledger that they stand in. */
export function survivorRows(rows: readonly SurvivorRow[], headed = header): SurvivorRows {
  const { seed, payload_bytes } = headed;
  const isAltered = (row: SurvivorRow) => {
    const { high, low } = expectedDigest(seed, row.writer, row.sequence, payload_bytes);
    if (row.payload_bytes !== payload_bytes) return true;
    return row.digest_high !== high || row.digest_low !== low;
  };
  return {
    count: rows.length,
    writer: Column.from(rows.length, (at) => rows[at]!.writer),
    sequence: Column.from(rows.length, (at) => rows[at]!.sequence),
    altered: Column.from(rows.length, (at) => Number(isAltered(rows[at]!))),
  };
}

export const acknowledged = (ops: readonly Op[]) =>
  ops.filter(({ outcome, kind }) => outcome === 'acknowledged' && kind !== 'read');

/**
 * The journal of a run that went well; `changes` replaces events by name (null: it never happened).
 */
export function journal(changes: Partial<Record<RunEvent['event'], RunEvent[] | null>> = {}) {
  const { steadyFrom, steadyTo, faultStarted, faultInjected, cut } = TIMES;
  const ok = [{ name: 'seen', ok: true, detail: 'it bit' }];
  const written = { writer: MARKER_WRITER, sequence: 1, node: 'west/app-1', ok: true, detail: '' };
  const lost = { index: 0, kind: 'lose-region', region: 'east', disaster: true };
  const events: RunEvent[] = [
    {
      ...{ t: 0, event: 'run.started', id: 'run-1', name: 'synthetic', origin_ms: 0 },
      ...{ at: '2026-11-22T20:00:00.000Z', drill_version: '0.1.0' },
    },
    { t: 0, event: 'workload.started', store: 'orders', scheduled_from_ms: 0 },
    { t: 900, event: 'warm-up.ended', settled: true, ms: 900, p99_ms: 2 },
    { t: steadyFrom, event: 'steady.started' },
    { t: steadyTo, event: 'steady.ended' },
    { t: steadyTo, event: 'preflight.checked', checks: ok },
    { t: faultStarted, event: 'fault.started', ...lost },
    { t: faultInjected, event: 'fault.injected', index: 0, detail: '' },
    { t: faultInjected + 5, event: 'fault.proved', index: 0, ok: true, checks: ok },
    { t: faultStarted + 400, event: 'region.down', region: 'east', detail: '' },
    { t: faultStarted + 401, event: 'disaster.declared', by: 'automatic' },
    { t: faultStarted + 420, event: 'fence.proved', checks: ok },
    { t: faultStarted + 480, event: 'database.writable', node: 'west/postgres', timeline: 2 },
    { t: faultStarted + 490, event: 'app.ready', region: 'west', instances: 1 },
    { t: faultStarted + 500, event: 'gslb.redirected', region: 'west' },
    { t: cut, event: 'workload.stopped', store: 'orders' },
    { t: cut + 1_000, event: 'workload.drained', store: 'orders', in_flight: 0 },
    { t: cut + 1_110, event: 'marker.written', store: 'orders', ...written },
    { t: cut + 1_300, event: 'verification.checked', checks: ok },
    { t: cut + 2_000, event: 'cleanup.ended', clean: true, left: [], ms: 100 },
    { t: cut + 2_001, event: 'run.finished', wall_ms: cut + 2_001 },
  ] as RunEvent[];
  const kept = events.filter(({ event }) => changes[event] === undefined);
  return [...kept, ...Object.values(changes).flatMap((replacement) => replacement ?? [])];
}

export interface EvidenceParts {
  readonly ops?: readonly Op[];
  readonly events?: readonly RunEvent[];
  readonly plan?: Plan;
  readonly readings?: Partial<Record<Reading, readonly SurvivorRow[]>>;
  readonly problems?: Evidence['problems'];
}

/** Says that the serving database was read to its end, unless `events` say something of it. */
export function withReading(events: readonly RunEvent[], rows: number): RunEvent[] {
  const isSaid = events.some(
    (event) => event.event === 'survivors.read' && event.reading === 'serving',
  );
  if (isSaid) return [...events];
  const read: RunEvent = {
    ...({
      t: TIMES.cut + 1_200,
      event: 'survivors.read',
      store: 'orders',
      reading: 'serving',
    } as const),
    ...{ rows, ok: true },
    ...{ node: 'west/postgres', timeline: 2, snapshot: '', detail: '' },
  };
  return [...events, read];
}

/** Makes one thing of each list; a list is not changed once it was given away. */
function onceEach<T, R>(make: (list: readonly T[]) => R): (list: readonly T[]) => R {
  const made = new WeakMap<readonly T[], R>();
  return (list) => {
    const known = made.get(list) ?? make(list);
    made.set(list, known);
    return known;
  };
}

const SOME_OPS: readonly Op[] = drive(goneFor(600));
const rowsOfAll = onceEach((ops: readonly Op[]) => acknowledged(ops).map(rowOf));
const columnsOf = onceEach(operationsOf);
const columnsOfRows = onceEach((rows: readonly SurvivorRow[]) => survivorRows(rows));

/**
 * Evidence of a run in which service was gone for 600 ms and nothing was lost, but for what `parts`
 * says.
 */
export function evidenceOf(parts: EvidenceParts = {}): Evidence {
  const ops = parts.ops ?? SOME_OPS;
  const readings = parts.readings ?? { serving: rowsOfAll(ops) };
  const entries = Object.entries(readings) as [Reading, readonly SurvivorRow[]][];
  return {
    plan: parts.plan ?? plan,
    events: withReading(parts.events ?? journal(), readings.serving?.length ?? 0),
    stores: [
      {
        store: 'orders',
        header,
        operations: columnsOf(ops),
        readings: new Map(entries.map(([name, rows]) => [name, columnsOfRows(rows)])),
      },
    ],
    problems: parts.problems ?? [],
  };
}

export function withTargets(targets: Partial<Plan['targets']>): Plan {
  return { ...plan, targets: { ...plan.targets, ...targets } };
}

export const idOf = ({ writer, sequence }: Pick<Op, 'writer' | 'sequence'>) =>
  `${writer}-${sequence}`;

/** Without some of them, by their ids. */
export function without(rows: readonly SurvivorRow[], gone: readonly Op[]): SurvivorRow[] {
  const ids = new Set(gone.map(idOf));
  return rows.filter((row) => !ids.has(idOf(row)));
}
