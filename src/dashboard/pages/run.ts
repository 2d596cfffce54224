// The report of a run that is over, as the page that `drill report` writes has it.
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { viewOf } from '../../report/form/html.ts';
import { runArticle } from '../../report/html/run-article.ts';
import { unreadArticle } from '../../report/html/unread-article.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { zoomData } from '../../report/html/zoom.ts';
import { UserError } from '../../screen/user-error.ts';
import { unverifiedText, verifiedResult } from '../../session/judge.ts';
import { notePage, refusalPage, type Frame } from './frame.ts';
import { seriesLink } from './series.ts';

/** `place` is the folder of the run, `command` how the user calls drill. */
export function runPage(id: string, place: string, command: string): Frame {
  try {
    const { result, differs } = verifiedResult(place, command);
    const doubt = differs === null ? '' : doubtful(unverifiedText(id, differs));
    const view = viewOf({ result, directory: place, source: null });
    const title = `${result.drill.name}, ${id}`;
    if ('problem' in view) return { title, body: doubt + unreadArticle(view) };
    const data = zoomData([view]);
    const scripts = data === null ? [] : ['zoom.js'];
    return { title, body: `${doubt}${runArticle(view)}\n${data ?? ''}`, scripts };
  } catch (error) {
    if (error instanceof UserError) return refusalPage(id, error);
    if (error instanceof EvidenceError) return notePage(id, [error.message]);
    throw error;
  }
}

/** Above the report of a trial: which series it is one of. */
export function withSeries(page: Frame, series: string | null): Frame {
  if (series === null) return page;
  const line = `<p class="facts">One run of the series ${seriesLink(series, series)}</p>`;
  return { ...page, body: `${line}\n${page.body}` };
}

function doubtful(text: string): string {
  return `<p class="warn-word" role="note">${escapeHtml(text)}</p>\n`;
}
