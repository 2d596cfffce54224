// Everything that a run left behind and that its numbers come from, read back into memory.
import type { Plan } from '../drill/plan.ts';
import type { RunEvent } from './event.ts';
import type { LedgerHeader } from './ledger.ts';
import type { Operations } from './operation.ts';
import type { Reading, SurvivorRows } from './survivors.ts';

export interface EvidenceProblem {
  /** `ledger.bin` */
  readonly file: string;
  readonly problem: string;
}

export interface Evidence {
  readonly plan: Plan;
  /** In journal order, which is not strictly the order of their times. */
  readonly events: readonly RunEvent[];
  /** Null when there is no readable ledger. */
  readonly header: LedgerHeader | null;
  readonly operations: Operations | null;
  readonly readings: ReadonlyMap<Reading, SurvivorRows>;
  readonly problems: readonly EvidenceProblem[];
}
