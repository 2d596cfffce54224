// A report as one HTML page that needs nothing else: it opens from the disk, without a network and
// without scripts.
import type { Refused } from '../reporter.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import type { RunView } from '../view/run-view.ts';
import { list } from './parts.ts';
import { runArticle } from './run-article.ts';
import { RUN_STYLE } from './run-style.ts';
import { seriesArticle } from './series-article.ts';
import { PAGE_STYLE, escapeHtml } from './style.ts';

/** Nothing is fetched or run, whatever stands in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
/** Of a series only those runs are shown whole that somebody will ask about. */
const TRIALS_SHOWN = 3;

interface Contents {
  readonly views: readonly RunView[];
  readonly series: readonly SeriesResult[];
  /** What was not started, and why. */
  readonly refused: readonly Refused[];
}

export function reportPage({ views, series, refused }: Contents): string {
  const inSeries = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
  const single = views.filter(({ result }) => !inSeries.has(result.id));
  const articles = [
    ...refused.map(({ file, reasons }) => list(`Not started: ${file}`, reasons)),
    ...series.map((each) => seriesArticle(each)),
    ...[...single, ...series.flatMap((each) => shownOf(each, views))].map(runArticle),
  ];
  const named = [...series, ...single.map(({ result }) => result)];
  const titles = named.map(({ drill, verdict }) => `${drill.name}: ${verdictWord(verdict)}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<title>${escapeHtml(titles.join(', ') || 'drill')}</title>
<style>${PAGE_STYLE}${RUN_STYLE}</style>
</head>
<body>
<main>
${articles.join('\n')}
</main>
</body>
</html>
`;
}

/** The first that did not pass, and the slowest. */
function shownOf({ trials }: SeriesResult, views: readonly RunView[]): RunView[] {
  const failed = trials.filter(({ verdict }) => verdict !== 'pass').slice(0, TRIALS_SHOWN - 1);
  const [slowest] = trials.toSorted((one, other) => (other.rto_ms ?? 0) - (one.rto_ms ?? 0));
  const wanted = new Set(
    [...failed, ...(slowest === undefined ? [] : [slowest])].map((t) => t.run),
  );
  return views.filter(({ result }) => wanted.has(result.id));
}
