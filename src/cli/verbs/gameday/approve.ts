// `drill gameday approve`: agrees to a game day that waits for somebody to.
import { dayOrders, isAtWork } from '../../../gameday/day/day-files.ts';
import { findDay } from '../../../gameday/day/find-day.ts';
import { UserError } from '../../../screen/user-error.ts';
import { giveOrder } from '../../../session/operator/orders.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn } from './files.ts';

export async function approveDay(args: VerbArguments, context: CliContext): Promise<number> {
  const { runs, id, began_at, ended_at } = findDay(
    await runsOf(args, context),
    namedIn(args)[0] ?? 'latest',
  );
  if (began_at !== null || ended_at !== null || !isAtWork(runs, id)) {
    throw new UserError(`the game day ${id} does not wait for anybody`, {
      hint: 'drill gameday list',
    });
  }
  giveOrder(dayOrders(runs, id), 'approve', 'drill gameday approve');
  context.screen.stdout.write(`agreed to the game day ${id}\n`);
  return EXIT.pass;
}
