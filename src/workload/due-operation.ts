// One operation of a client that is due now, and how it ended.
import type { ResolvedAddress } from '../gslb/resolver.ts';

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
