// Everything that a run left behind and that its numbers come from: the names of its files, and
// what stands in them, read back into memory.
import type { Plan, StoreRole } from '../drill/plan/plan.ts';
import type { RunEvent } from './event.ts';
import type { LedgerHeader } from './ledger/ledger.ts';
import type { Operations } from './ledger/operation.ts';
import type { Reading, SurvivorRows } from './survivors.ts';

export interface EvidenceProblem {
  /** `ledger.bin` */
  readonly file: string;
  readonly problem: string;
  /** It may be whole: whoever looks at it here cannot read it. */
  readonly isUnread?: boolean;
}

export interface Evidence {
  readonly plan: Plan;
  /** In journal order, which is not strictly the order of their times. */
  readonly events: readonly RunEvent[];
  /** The evidence of every store of the plan, in the order of `storesOf`. */
  readonly stores: readonly StoreEvidence[];
  readonly problems: readonly EvidenceProblem[];
}

/** What clients wrote to one store, and what was read from it afterwards. */
export interface StoreEvidence {
  readonly store: StoreRole;
  /** Null when there is no readable ledger. */
  readonly header: LedgerHeader | null;
  readonly operations: Operations | null;
  readonly readings: ReadonlyMap<Reading, SurvivorRows>;
}

export const RUN_FILES = {
  drill: 'drill.yaml',
  plan: 'plan.json',
  journal: 'journal.ndjson',
  undo: 'undo.ndjson',
  ledger: 'ledger.bin',
  'ledger-redis': 'ledger-redis.bin',
  survivors: 'survivors.bin',
  'survivors-redis': 'survivors-redis.bin',
  salvage: 'salvage.ndjson',
  result: 'result.json',
  system: 'system.json',
  claims: 'claims',
  drilled: 'drilled.ndjson',
  pinned: 'pinned',
  logs: 'logs',
  report: 'report.html',
} as const;

export const STORE_FILES = {
  orders: { ledger: 'ledger', survivors: 'survivors' },
  carts: { ledger: 'ledger-redis', survivors: 'survivors-redis' },
} as const satisfies Record<StoreRole, Record<'ledger' | 'survivors', keyof typeof RUN_FILES>>;
