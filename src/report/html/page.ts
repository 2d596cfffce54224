// The page of a report: what was not started, the series, and each run that is shown.
import type { Refused } from '../reporter.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import type { RunView } from '../view/run-view.ts';
import { htmlDocument } from './document.ts';
import { list } from './parts.ts';
import { runArticle } from './run-article.ts';
import { RUN_STYLE } from './run-style.ts';
import { seriesArticle } from './series-article.ts';
import { unreadArticle, type UnreadRun } from './unread-article.ts';
import { zoomData, zoomFiles } from './zoom.ts';

interface Contents {
  readonly views: readonly RunView[];
  /** Runs whose evidence cannot be read. */
  readonly unread?: readonly UnreadRun[];
  readonly series: readonly SeriesResult[];
  /** What was not started, and why. */
  readonly refused: readonly Refused[];
}

/** Runs that are in no series come first among the `views`, then the trials that are shown. */
export function reportPage({ views, unread = [], series, refused }: Contents): string {
  const inSeries = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
  const results = [...views, ...unread].map(({ result }) => result);
  const single = results.filter(({ id }) => !inSeries.has(id));
  const judged = [...series, ...single].map(({ drill, verdict }) => {
    return `${drill.name}: ${verdictWord(verdict)}`;
  });
  const titles = [...refused.map(({ file }) => `${file}: no result`), ...judged];
  const articles = [
    ...refused.map(({ file, reasons }) => list(`No result: ${file}`, reasons)),
    ...series.map((each) => seriesArticle(each)),
    ...views.map(runArticle),
    ...unread.map(unreadArticle),
  ];
  const data = zoomData(views);
  const zoom = data === null ? null : zoomFiles();
  return htmlDocument({
    title: titles.join(', ') || 'drill',
    style: RUN_STYLE + (zoom?.style ?? ''),
    body: `<main>\n${articles.join('\n')}\n</main>${data ?? ''}`,
    script: zoom?.script ?? '',
  });
}
