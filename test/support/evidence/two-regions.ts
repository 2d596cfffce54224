// Evidence of two regions that both serve, made up for tests: clients are spread over them, east is
// lost, and returns or not. Times are milliseconds since the run's origin.
import { plannedFault } from '../plan/planned-fault.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import type { Reading, SurvivorRow } from '../../../src/evidence/survivors.ts';
import {
  acknowledged,
  drive,
  EAST,
  evidenceOf,
  hangs,
  journal,
  plan,
  rowOf,
  TIMES,
  WEST,
  type Op,
  type Service,
} from './synthetic.ts';

const bothPlan: Plan = {
  ...plan,
  strategy: 'active-active',
  regions: plan.regions.map((region) => ({ ...region, role: 'active' })),
  recover: { ...plan.recover, with: 'redirect-clients' },
};

/** The same, cut off instead of killed: east lives on and is joined again. */
export const partitionPlan: Plan = {
  ...bothPlan,
  faults: [plannedFault('lose-region', { how: 'partition', disks: 'kept' })],
};

/** Every second operation goes to each region; east's hang from the fault until clients move. */
const spread: Service = (now, index) => {
  const isWest = index % 2 === 1 || now >= TIMES.faultStarted + 600;
  const reply = { outcome: 'acknowledged', after_ms: 2, timeline: 1 } as const;
  if (isWest) return { ...reply, node: WEST };
  return now < TIMES.faultStarted ? { ...reply, node: EAST } : hangs;
};

/** Every tenth of the clients' writes changes a shared row instead; ids of their own. */
export const bothOps: readonly Op[] = drive(spread).map((op, at): Op => {
  if (op.kind === 'marker') return { ...op, timeline: 1 };
  return at % 10 === 3 ? { ...op, kind: 'update', writer: op.writer + 2_000 } : op;
});

/** What east had acknowledged in the last `ms` before the fault: it may not have crossed over. */
export function eastLast(ms: number): Op[] {
  const { faultStarted } = TIMES;
  return acknowledged(bothOps).filter(
    ({ node, done_ms, kind }) =>
      kind === undefined &&
      node === EAST &&
      done_ms! <= faultStarted &&
      done_ms! > faultStarted - ms,
  );
}

export const event = (body: object): RunEvent => body as RunEvent;
export const agreed = event({
  ...{ t: TIMES.cut + 1_500, event: 'convergence.checked', rows: 4_000 },
  ...{ differing: 0, ok: true, detail: '' },
});
export const returned = event({
  ...{ t: TIMES.cut + 1_250, event: 'region.returned', region: 'east', ms: 900 },
});

type Readings = Partial<Record<Reading, readonly SurvivorRow[]>>;

export interface BothParts {
  readonly ops?: readonly Op[];
  readonly readings?: Readings;
  readonly plan?: Plan;
  /** Besides those of every run, and those that say which readings were made. */
  readonly events?: readonly RunEvent[];
}

export const allRows: readonly SurvivorRow[] = acknowledged(bothOps).map(rowOf);

/** Of a run in which the survivor has everything and east stays away, but for what is said. */
export function evidenceOfBoth(parts: BothParts = {}): Evidence {
  const readings = parts.readings ?? { serving: allRows };
  const drilled = journal({ 'fence.proved': null, 'database.writable': null });
  return evidenceOf({
    ops: parts.ops ?? bothOps,
    plan: parts.plan ?? bothPlan,
    readings,
    events: [...drilled, ...(parts.events ?? []), ...readEvents(readings)],
  });
}

function readEvents(readings: Readings): RunEvent[] {
  const facts = { store: 'orders', node: 'west/postgres', timeline: 1, snapshot: '' } as const;
  return Object.entries(readings).map(([reading, rows]) => {
    const read = { event: 'survivors.read', reading, rows: rows.length, ok: true, detail: '' };
    return event({ t: TIMES.cut + 1_400, ...read, ...facts });
  });
}
