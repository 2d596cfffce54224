// `drill history sync`: sends what waits for the shared history, and says what came of it.
import { printable, table } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { sendAll } from '../../../session/history/share.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { sharedOf } from './here.ts';

export async function sync(
  words: readonly string[],
  runs: string,
  args: VerbArguments,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context.screen;
  if (words.length > 0) throw new UserError('expected: drill history sync');
  const address = await sharedOf(args, context);
  if (address === null) {
    throw new UserError('no shared history is named here', {
      hint: 'history: postgres://… in drill.config.yaml, or DRILL_HISTORY',
    });
  }
  const { sent, waiting, problems } = await sendAll(runs, address);
  const counts = { to: address.shown, sent, waiting };
  if (args['json'] === true) stdout.write(`${JSON.stringify(counts, null, 2)}\n`);
  else
    stdout.write(`${table(Object.entries(counts).map(([a, b]) => [a, String(b)])).join('\n')}\n`);
  for (const each of problems) stderr.write(`drill: ${printable(each)}\n`);
  return problems.length === 0 ? EXIT.pass : EXIT.environment;
}
