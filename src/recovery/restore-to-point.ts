// restore-to-point: the database is restored to where it was before an operator's mistake, from a
// backup and the log up to there. What was written afterwards is given up on purpose.
import { OperationFailed } from '../host/operation-failed.ts';
import type { RestoreTarget } from '../evidence/restore.ts';
import type { HarmedOrder, Mistake } from '../evidence/restore.ts';
import type { RecoveryContext, Runs, StepFacts } from './procedure.ts';
import { fence, redirect, restoreFrom, scale } from './steps.ts';
import { needed, ordersIn } from '../topology/system/region.ts';

const COMMITTED_WITHIN_MS = 250;

type Context = RecoveryContext<'restore-to-point'>;

export const restoreToPoint: Runs<'restore-to-point'> = {
  // The old primary lives: its log must be in the repository before it is shut out.
  secure: async ({ system, signal }) =>
    await needed(system.backups, 'backups', 'the system').secure(signal),
  fence,
  restore: async (context) => await restoreFrom(context, targetOf(context)),
  verify,
  start: scale,
  redirect,
};

async function verify(context: Context): Promise<StepFacts> {
  const { system, takeover, mistake } = context;
  const { orders, named_at } = required(mistake);
  const target = targetOf(context);
  const restored = ordersIn(system.region(takeover));
  // Rows that were written after the restore point can be among those that the mistake hit.
  const time = target.by === 'name' ? named_at : target.by === 'time' ? target.time : null;
  const there = time === null ? orders : orders.filter(wasThere(time));
  const unharmed = await needed(restored.harm, 'harm', restored.node).unharmedRows(there);
  const ok = there.length > 0 && unharmed === there.length;
  const later = orders.length - there.length;
  const detail =
    `${unharmed} of ${there.length} rows are as they were before the mistake` +
    (later === 0 ? '' : `; ${later} more were written too late to be there for sure`);
  return { verified: { rows: unharmed, ok, detail } };
}

/** Whether a row was committed by then, for sure: its own time is a little before its commit. */
function wasThere(time: string): (order: HarmedOrder) => boolean {
  const latest_ms = Date.parse(time) - COMMITTED_WITHIN_MS;
  return ({ created }) => Date.parse(created) < latest_ms;
}

function targetOf({ plan, mistake }: Context): RestoreTarget {
  const { target } = plan.recover;
  const { xid, lsn, at } = required(mistake);
  if (target.by === 'before-fault') return { by: 'transaction', xid, lsn };
  if (target.by === 'name') return target;
  if (target.by === 'lsn') return { ...target, inclusive: true };
  const time = new Date(Date.parse(at) - target.before_ms).toISOString();
  return { by: 'time', time, inclusive: true };
}

function required(mistake: Mistake | null): Mistake {
  if (mistake !== null) return mistake;
  throw new OperationFailed({ what: 'the recovery', expected: 'a mistake to undo', found: 'none' });
}
