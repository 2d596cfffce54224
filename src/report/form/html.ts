// `html`: a page of a run; of several runs, one below the other.
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import type { Output } from '../../screen/screen.ts';
import { reportPage } from '../html/page.ts';
import type { Reporter } from '../reporter.ts';
import { runView, type RunView } from '../view/run-view.ts';
import { atTheEnd, type MadeRun } from './outcomes.ts';

export function htmlReporter(output: Pick<Output, 'write'>): Reporter {
  return atTheEnd(({ runs, series, trials, refused }) => {
    const views = [...runs, ...trials].flatMap((run) => viewOf(run) ?? []);
    output.write(reportPage({ views, series, refused }));
  });
}

/** Null where there is nothing to draw, as of a run that never began. */
function viewOf({ result, directory }: MadeRun): RunView | null {
  try {
    return runView(readEvidence(directory), result);
  } catch (error) {
    if (error instanceof EvidenceError) return null;
    throw error;
  }
}
