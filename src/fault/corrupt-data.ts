// corrupt-data: an operator deletes or overwrites rows by mistake. Nothing stops and no health
// check notices; every copy has it at once, and only a point in the past does not.
import { OperationFailed } from '../host/operation-failed.ts';
import type { CheckResult } from '../evidence/event.ts';
import type { Fault, FaultContext, Injected } from './fault.ts';
import { needed } from '../topology/system/ability.ts';
import { ordersIn } from '../topology/system/region.ts';

export const corruptData: Fault<'corrupt-data'> = {
  kind: 'corrupt-data',
  inject,
  prove,
};

async function inject({ fault, system }: FaultContext<'corrupt-data'>): Promise<Injected> {
  const { statement, share } = fault;
  const orders = ordersIn(system.region(fault.region));
  const harm = needed(orders.harm, 'harm', orders.node);
  const mistake = await harm.makeMistake(statement, share);
  const rows = mistake.orders.length;
  if (rows === 0) {
    const what = `the orders of ${fault.region}`;
    throw new OperationFailed({ what, expected: 'rows to harm', found: 'none' });
  }
  return { detail: `${statement} of ${rows} rows in ${fault.region}`, mistake };
}

/** The rows are counted by another statement than the one that did it. */
async function prove({
  fault,
  system,
  mistake,
}: FaultContext<'corrupt-data'>): Promise<CheckResult[]> {
  const orders = ordersIn(system.region(fault.region));
  const ids = mistake?.orders ?? [];
  const unharmed = await needed(orders.harm, 'harm', orders.node).unharmedRows(ids);
  const detail = `${unharmed} of ${ids.length} rows are as they were`;
  const ok = ids.length > 0 && unharmed === 0;
  return [{ name: `rows of ${orders.node} are harmed`, ok, detail }];
}
