// Lets the process that measures run before the processes that are measured, on a machine with more
// to do than processors.
import { setPriority } from 'node:os';

const FAVOURED = -5;

/** Only the superuser may; for everybody else nothing changes. */
export function favourThisProcess(): void {
  try {
    setPriority(FAVOURED);
  } catch {
    // an ordinary user: late starts of the workload show in the ledger and make the run
    // inconclusive
  }
}
