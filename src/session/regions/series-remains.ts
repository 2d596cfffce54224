// What a series that was broken off may have left on the machine: it goes before a trial is run
// again, which would be measured beside it.
import { join } from 'node:path';
import { RUN_ID } from '../../archive/run-list.ts';
import type { Cleaned } from '../../engine/clean/clean-run.ts';
import { printable } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { cleanRuns } from '../clean.ts';
import type { SeriesFile } from '../series-files.ts';
import type { Session } from '../session.ts';

/**
 * Cleans up after all runs of the series and the regions that they shared, as their logs say.
 * Throws a `UserError` where anything is left: nothing that is measured beside it would count.
 */
export async function cleanRemains(
  { runs, trials, to_clean = [] }: SeriesFile,
  session: Session,
): Promise<void> {
  const named = new Set([...trials.flatMap(({ run }) => run ?? []), ...to_clean]);
  // The file may have come from anywhere: no name in it leads out of the directory of runs.
  const own = [...named].filter((id) => RUN_ID.test(id)).map((id) => join(runs, id));
  const cleaned = await cleanRuns(own, false, session);
  const left = cleaned.flatMap(({ run, outcome }) =>
    leftOf(outcome).map((one) => `${run}: ${one}`),
  );
  if (left.length > 0) {
    const lines = left.map((line) => `\n  ${printable(line)}`).join('');
    throw new UserError(`expected nothing that trials before left on the machine, found${lines}`, {
      hint: 'drill clean, then resume the series',
      exitCode: EXIT.unclean,
    });
  }
  for (const { run, outcome } of cleaned) {
    const text = toldOf(outcome);
    if (text !== null) session.on({ type: 'warning', text: `${run} ${text}` });
  }
}

/** Why a trial must not be run beside it, in words. */
function leftOf(outcome: Cleaned): readonly string[] {
  switch (outcome.state) {
    case 'nothing':
    case 'kept':
    case 'unseen':
      return [];
    case 'cleaned':
      return outcome.left;
    case 'running':
      return [`process ${outcome.pid} still runs it`];
    case 'in-use':
      return [`in use by ${outcome.by} (process ${outcome.pid})`];
    case 'refused':
      return [outcome.reason];
    case 'foreign':
      return ['it belongs to another user'];
  }
}

function toldOf({ state }: Cleaned): string | null {
  if (state === 'cleaned') return 'was broken off: what it had left was cleaned up';
  return state === 'unseen' ? 'was begun elsewhere: what it left there is not cleaned up' : null;
}
