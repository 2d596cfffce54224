// The history as a verb shows it: of this folder, and of other machines where one is shared.
import type { History } from '../../../archive/history/history.ts';
import type { DatabaseAddress } from '../../../drill/database-address.ts';
import { printable } from '../../../screen/text.ts';
import { historyOf } from '../../../session/history/past-runs.ts';
import { sendBriefly } from '../../../session/history/share.ts';
import { SharedView, withOthers } from '../../../session/history/shared-history.ts';
import { sharedIn } from '../../../session/place.ts';
import type { Argument, CliContext, VerbArguments } from '../../verb.ts';
import { tellDamage } from './damage.ts';

export const localOption = {
  type: 'boolean',
  describe: 'Only what is in files here, without the shared history',
} as const satisfies Argument;

/** Null: none is named. What is wrong with its address goes to stderr, once. */
export async function sharedOf(
  args: VerbArguments,
  context: CliContext,
): Promise<DatabaseAddress | null> {
  const { environment, screen } = context;
  if (args['local'] === true) return null;
  const stated = [args['out'], environment['DRILL_OUT'], environment['DRILL_HISTORY']];
  // Whoever looked for the folder of runs has told what is wrong in the configuration file.
  const isTold = stated.every((each) => each === undefined);
  return await sharedIn(context, (line) => void (isTold || screen.stderr.write(`${line}\n`)));
}

/** What waits is sent too. A database that does not answer is told, and the files are shown. */
export async function historyHere(
  args: VerbArguments,
  runs: string,
  context: CliContext,
): Promise<History> {
  const local = historyOf(runs);
  tellDamage(local, context);
  const address = await sharedOf(args, context);
  if (address === null) return local;
  const view = new SharedView(address);
  await view.ask();
  const unsent = view.shared === null ? [] : await sendBriefly(runs, address);
  for (const text of [...view.problems, ...unsent]) {
    context.screen.stderr.write(`drill: warning: ${printable(text)}\n`);
  }
  return withOthers(local, view.shared);
}
