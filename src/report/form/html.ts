// `html`: a page of a run; of several runs, one below the other.
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import type { Output } from '../../screen/screen.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { reportPage } from '../html/page.ts';
import type { UnreadRun } from '../html/unread-article.ts';
import type { Reporter } from '../reporter.ts';
import { runView, type RunView } from '../view/run-view.ts';
import { atTheEnd, type MadeRun } from './outcomes.ts';

/** Of a series only those runs are shown whole that somebody will ask about. */
const TRIALS_SHOWN = 3;

/** The evidence of a run that is not shown is not read. */
export function htmlReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd(({ runs, series, trials, refused }) => {
    const shown = series.flatMap((each) => {
      const wanted = shownOf(each);
      return trials.filter(({ result }) => wanted.has(result.id));
    });
    const read = [...runs, ...shown].map(viewOf);
    const views = read.flatMap((each) => ('problem' in each ? [] : each));
    const unread = read.flatMap((each) => ('problem' in each ? each : []));
    output.write(reportPage({ views, unread, series, refused }));
  });
}

/** The ids of the first that did not pass, and of the slowest. */
function shownOf({ trials }: SeriesResult): Set<string> {
  const failed = trials.filter(({ verdict }) => verdict !== 'pass').slice(0, TRIALS_SHOWN - 1);
  const slowest = trials.toSorted((one, other) => (other.rto_ms ?? 0) - (one.rto_ms ?? 0));
  return new Set([...failed, ...slowest.slice(0, 1)].map(({ run }) => run));
}

/** What it shows; or why there is nothing to draw, as of a run that never began. */
export function viewOf({ result, directory }: MadeRun): RunView | UnreadRun {
  try {
    return runView(readEvidence(directory), result);
  } catch (error) {
    if (error instanceof EvidenceError) return { result, problem: error.message };
    throw error;
  }
}
