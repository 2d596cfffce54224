// corrupt-data: an operator deletes or overwrites rows by mistake. Nothing stops and no health
// check notices; every copy has it at once, and only a point in the past does not.
import { OperationFailed } from '../host/operation-failed.ts';
import type { Fault } from './fault.ts';
import { needed, ordersIn } from '../topology/system/region.ts';

export const corruptData: Fault<'corrupt-data'> = {
  kind: 'corrupt-data',
  inject: async ({ fault, system }) => {
    const { statement, share, region } = fault;
    const orders = ordersIn(system.region(region));
    const mistake = await needed(orders.harm, 'harm', orders.node).makeMistake(statement, share);
    const rows = mistake.orders.length;
    if (rows === 0) {
      const what = `the orders of ${region}`;
      throw new OperationFailed({ what, expected: 'rows to harm', found: 'none' });
    }
    return { detail: `${statement} of ${rows} rows in ${region}`, mistake };
  },
  // The rows are counted by another statement than the one that did it.
  prove: async ({ fault, system, mistake }) => {
    const orders = ordersIn(system.region(fault.region));
    const ids = mistake?.orders ?? [];
    const unharmed = await needed(orders.harm, 'harm', orders.node).unharmedRows(ids);
    const detail = `${unharmed} of ${ids.length} rows are as they were`;
    const ok = ids.length > 0 && unharmed === 0;
    return [{ name: `rows of ${orders.node} are harmed`, ok, detail }];
  },
};
