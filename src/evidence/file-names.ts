// The names of the files of a run directory.
import type { StoreRole } from '../drill/plan/plan.ts';

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
} as const;

export const STORE_FILES = {
  orders: { ledger: 'ledger', survivors: 'survivors' },
  carts: { ledger: 'ledger-redis', survivors: 'survivors-redis' },
} as const satisfies Record<StoreRole, Record<'ledger' | 'survivors', keyof typeof RUN_FILES>>;
