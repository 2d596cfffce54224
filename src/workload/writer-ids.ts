// Operations of the writers, each in the id space of its writer: its sequences of writes, reads and
// updates, and which of its rows it knows to be there.
import { mix32 } from '../base/random.ts';
import { OPERATION_KIND, OUTCOME, UPDATE_WRITERS } from '../evidence/ledger/operation.ts';
import type { ResolvedAddress } from '../gslb/resolver.ts';
import type { ScheduledOperation } from './schedule.ts';

/** Acknowledged rows that are remembered for each writer, the newest; reads choose among them. */
const REMEMBERED_MAX = 1024;

export interface DueOperation {
  /** A number of `OPERATION_KIND`. */
  readonly kind: number;
  readonly writer: number;
  readonly sequence: number;
  readonly scheduled_ms: number;
  /** The sequence of the row that is read or written. */
  readonly row: number;
  /** The address that it goes to, whatever the writer's DNS cache holds. */
  readonly address?: ResolvedAddress;
  /** Called when its outcome stands. */
  readonly onEnd?: (end: OperationEnd) => void;
}

export interface OperationEnd {
  readonly outcome: number;
  readonly node: string | null;
  readonly detail: string;
}

interface Writer {
  writes: number;
  reads: number;
  updates: number;
  /** Sequences of acknowledged writes; a ring once it is full. */
  readonly acknowledged: number[];
  remembered: number;
}

/** The client that an operation is of: whose DNS cache says where it goes. */
export function clientOf({ kind, writer }: Pick<DueOperation, 'kind' | 'writer'>): number {
  return kind === OPERATION_KIND.update ? writer - UPDATE_WRITERS : writer;
}

export class WriterIds {
  readonly #writers: readonly Writer[];

  /** Writers count from 1 to `count`. */
  constructor(count: number) {
    const none = (): Writer => ({
      writes: 0,
      reads: 0,
      updates: 0,
      acknowledged: [],
      remembered: 0,
    });
    this.#writers = Array.from({ length: count + 1 }, none);
  }

  /** The operation for a due one: a read only where the writer has an acknowledged row. */
  operation({ scheduled_ms, writer, kind }: ScheduledOperation): DueOperation {
    const state = this.#writers[writer]!;
    const rows = state.acknowledged;
    if (kind === 'update') {
      const sequence = ++state.updates;
      const id = { writer: UPDATE_WRITERS + writer, sequence };
      return { kind: OPERATION_KIND.update, ...id, scheduled_ms, row: sequence };
    }
    if (kind === 'read' && rows.length > 0) {
      const sequence = ++state.reads;
      const row = rows[mix32(writer, sequence) % rows.length]!;
      return { kind: OPERATION_KIND.read, writer, sequence, scheduled_ms, row };
    }
    const sequence = ++state.writes;
    const onEnd = ({ outcome }: { readonly outcome: number }) => {
      if (outcome === OUTCOME.acknowledged) rows[state.remembered++ % REMEMBERED_MAX] = sequence;
    };
    return { kind: OPERATION_KIND.write, writer, sequence, scheduled_ms, row: sequence, onEnd };
  }
}
