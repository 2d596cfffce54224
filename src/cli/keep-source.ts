// Which drills can have their system kept, with the flag, variable or file that asks for it named
// where one cannot.
import { statedSettings } from '../drill/file/settings.ts';
import { UserError } from '../screen/user-error.ts';
import { requireStayable } from '../session/bring-up.ts';
import type { DrillRead } from '../session/read.ts';
import { CONFIG_FILE } from '../session/source.ts';
import { flagsOf } from './read-drill.ts';
import type { CliContext, VerbArguments } from './verb.ts';

/** Throws a `UserError` where a system that is to be kept cannot be, or is up anyway. */
export function requireKeepable(
  drills: readonly DrillRead[],
  args: VerbArguments,
  context: CliContext,
): void {
  const staying = drills.filter(({ settings }) => settings.keep !== 'never');
  for (const { plan } of staying) requireStayable(plan, keepSource(args, context));
  const [first] = staying;
  if (first === undefined || args['against'] === undefined) return;
  const expected = 'expected never with --against, since the system stays up anyway';
  const { keep } = first.settings;
  throw new UserError(`${keepSource(args, context)}: ${expected}; got ${keep}`, {
    hint: '--keep never',
  });
}

/** `--keep`, `DRILL_KEEP`, `drill.config.yaml: keep`: the first of them that has a value. */
function keepSource(args: VerbArguments, { environment }: CliContext): string {
  const { keep } = statedSettings({ environment, flags: flagsOf(args) }, null);
  return keep[0]?.name ?? `${CONFIG_FILE}: keep`;
}
