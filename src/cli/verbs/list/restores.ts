// `drill list restores`: the restores of backups that were drilled here, newest first.
import { placeIds } from '../../../archive/run-list.ts';
import { listRestores, restoresIn, type RestoreEntry } from '../../../archive/restores.ts';
import { formatDuration } from '../../../base/units.ts';
import { verdictStyle } from '../../../report/summary/verdict-words.ts';
import { asCalled, commandName } from '../../../screen/command-name.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { count, table, truncate } from '../../../screen/text.ts';
import type { CliContext } from '../../verb.ts';
import type { Listed } from './kinds.ts';

export function listOfRestores(
  runs: string,
  words: Readonly<Record<string, string>>,
  { screen, environment }: CliContext,
): Listed {
  const entries = listRestores(runs);
  const json = entries.map(({ id, directory, state, result }) => ({
    id,
    directory,
    state,
    verdict: result?.verdict ?? null,
    restore_ms: result?.restore_ms ?? null,
    rpo: result?.rpo ?? null,
  }));
  if (entries.length === 0) {
    const command = `${commandName(environment)} restore drills/attached/backup.yaml`;
    return { json, lines: [`No restores yet. Try: ${command}`] };
  }
  const paint = makePaint(screen.stdout.hasColour);
  const head = ['RESTORE', 'VERDICT', 'TIME', 'RPO'].map((title) => paint('dim', title));
  return { json, lines: table([head, ...entries.map((entry) => row(entry, words, paint))]) };
}

/** Beside the runs, among which they are not. */
export function restoreWords(
  runs: string,
  { environment }: Pick<CliContext, 'environment'>,
): string[] {
  const { length } = placeIds(restoresIn(runs));
  const words = `${count(length, 'restore')} besides: drill list restores`;
  return length === 0 ? [] : [asCalled(words, environment)];
}

function row(
  { id, state, result }: RestoreEntry,
  words: Readonly<Record<string, string>>,
  paint: Paint,
): string[] {
  const { verdict = null, restore_ms = null, rpo = null } = result ?? {};
  const shown = [verdict ?? 'no result', words[state]].filter(Boolean).join(', ');
  return [
    truncate(id, 70),
    paint(verdict === null ? 'warn' : verdictStyle(verdict), shown),
    restore_ms === null ? '–' : formatDuration(restore_ms),
    rpo === null ? '–' : `at most ${formatDuration(rpo.high_ms)}`,
  ];
}
