// Two runs beside each other, and the newest run of each strategy in the table of strategies.
import { compareRuns } from '../../archive/compare.ts';
import type { PastRun } from '../../archive/history/history.ts';
import { STRATEGIES } from '../../drill/names.ts';
import { compareBody } from '../../report/compare/page.ts';
import { differenceWords, numberWords, toldWords } from '../../report/history/words.ts';
import { list, section, tableOf } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { compareInputs } from '../../session/compare-inputs.ts';
import { comparePast, type ComparedPast, type Side } from '../../session/history/compare-past.ts';
import { isVerified } from '../../session/history/overview.ts';
import { UserError } from '../../screen/user-error.ts';
import type { Overview, Place } from '../model/overview.ts';
import { runPlace } from '../model/run-place.ts';
import { notePage, refusalPage, type Frame } from './frame.ts';

/** Two ids of runs. */
export function comparePage(
  ids: readonly [string, string],
  { history }: Overview,
  { runs, directory }: Place,
): Frame {
  const title = 'Two runs compared';
  try {
    return { title, body: comparedBody(comparePast(ids, { runs, history }, directory)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return refusalPage(title, error);
  }
}

function comparedBody({ before, now, rows, changed, isKnown }: ComparedPast): string {
  const numbers = rows.map((row) => [
    row.name.trim(),
    numberWords(row.before, row.unit),
    numberWords(row.now, row.unit),
    differenceWords(row),
  ]);
  const table = tableOf(
    ['', 'before', 'now', 'difference'],
    [['verdict', before.verdict, now.verdict, ''], ...numbers],
  );
  const nothing = isKnown
    ? 'Nothing: same file, settings, versions and machine.'
    : 'The settings of one of them are not known any more.';
  const changes = changed.map(({ key, before: was, now: is }) => `${key}: was ${was}, is ${is}`);
  return `<h1>Two runs compared</h1>
<p>Before: ${linkOf(before)}</p>
<p>Now: ${linkOf(now)}</p>
${section('Numbers', table)}
${list('What changed', changes.length === 0 || !isKnown ? [nothing, ...changes] : changes)}`;
}

function linkOf({ execution: { runs } }: Side): string {
  const { id, drill, told } = runs[0];
  const where = told === undefined ? '' : `, ${escapeHtml(toldWords(told))}`;
  const link = `<a href="/runs/${id}">${escapeHtml(drill.name)}</a>`;
  return `${link} <span class="facts">${id}${where}</span>`;
}

/** The newest of each strategy that has numbers, on the runtime and with the data of the newest. */
export function strategyRuns({ history }: Overview): PastRun[] {
  const usable = history.runs.filter((run) => {
    return isVerified(run) && run.standing === 'there' && run.rto_ms !== null;
  });
  const newest = usable.at(-1);
  return STRATEGIES.flatMap((strategy) => {
    const own = usable.findLast(({ drill, runtime, data }) => {
      const isAlike = runtime === newest!.runtime && data === newest!.data;
      return drill.strategy === strategy && isAlike;
    });
    return own ?? [];
  });
}

export function strategiesPage(chosen: readonly PastRun[], place: Place): Frame {
  const title = 'Strategies';
  if (chosen.length === 0) {
    return notePage(title, [
      'No run with a recovery time is here yet.',
      'Try: drill compare drills/strategies/',
    ]);
  }
  const places = chosen.flatMap(({ id }) => runPlace(place.runs, id) ?? []);
  const { runs, unverified } = compareInputs(places, place.runs, place);
  const note =
    'The newest run of each strategy that has a recovery time, on the runtime and with the data ' +
    'of the newest of all.';
  const doubts = unverified.map((text) => `<p class="warn-word">${escapeHtml(text)}</p>`);
  const body = compareBody(compareRuns(runs));
  return { title, body: `<p class="facts">${note}</p>\n${doubts.join('\n')}${body}` };
}
