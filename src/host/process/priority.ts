// Lets the process that measures run before the processes that are measured, on a machine with more
// to do than processors.
import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const FAVOURED = -15;
/**
 * Linux shares processors between sessions first, where it groups them (sched_autogroup_enabled),
 * and by niceness only within one: this process has a session of its own.
 */
const SESSION = '/proc/self/autogroup';

/**
 * Only the superuser may; for everybody else nothing changes. Nor does it for what was started at a
 * low priority (`nice drill run …`): others are to go before it.
 */
export function favourThisProcess(): void {
  if (getPriority() > 0) return;
  try {
    setPriority(FAVOURED);
    writeFileSync(SESSION, String(FAVOURED));
  } catch {
    // an ordinary user, or a system without sessions in groups: late starts of the workload show in
    // the ledger and make the run inconclusive
  }
}
