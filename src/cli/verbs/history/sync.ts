// `drill history sync`: sends to the shared history what waits, and what was made before it was
// named, and says what came of it.
import { count, printable, table } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { gatherBacklog } from '../../../session/history/backlog.ts';
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
  const { gone, changed, problem } = await gatherBacklog(runs, address);
  const { sent, waiting, problems } = await sendAll(runs, address);
  const counts = { to: address.shown, sent, waiting };
  if (args['json'] === true) {
    stdout.write(`${JSON.stringify({ ...counts, gone, changed }, null, 2)}\n`);
  } else {
    const rows = Object.entries(counts).map(([what, value]) => [what, String(value)]);
    if (gone > 0) rows.push(['not sent', `${count(gone, 'run')} whose folder is gone`]);
    if (changed > 0) rows.push(['not sent', `${count(changed, 'run')} not as written`]);
    stdout.write(`${table(rows).join('\n')}\n`);
  }
  const all = new Set([...(problem === null ? [] : [problem]), ...problems]);
  for (const each of all) stderr.write(`drill: ${printable(each)}\n`);
  return all.size === 0 ? EXIT.pass : EXIT.environment;
}
