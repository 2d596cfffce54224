// Every reporter by its name: what it is for, and where it writes.
import type { Clock } from '../host/clock.ts';
import type { Output } from '../screen/screen.ts';
import { githubReporter } from './form/github.ts';
import { htmlReporter } from './form/html.ts';
import { jsonReporter } from './form/json.ts';
import { junitReporter } from './form/junit.ts';
import { markdownReporter } from './form/markdown.ts';
import { openmetricsReporter } from './form/openmetrics.ts';
import { tapReporter } from './form/tap.ts';
import { liveReporter } from './live/live.ts';
import { plainReporter } from './live/plain.ts';
import type { Reporter } from './reporter.ts';

export interface ReporterKind {
  readonly summary: string;
  /** `progress` goes to stderr; `report` to stdout, or to a file that is named. */
  readonly writes: 'progress' | 'report';
  make(output: Output, clock: Clock): Reporter;
}

export const KINDS: Readonly<Record<string, ReporterKind>> = {
  live: { summary: 'one screen, redrawn in place', writes: 'progress', make: liveReporter },
  plain: { summary: 'a line per event, for logs', writes: 'progress', make: plainReporter },
  html: {
    summary: 'one page with charts, from disk and on paper',
    writes: 'report',
    make: htmlReporter,
  },
  markdown: { summary: 'a comment of a pull request', writes: 'report', make: markdownReporter },
  json: { summary: 'the result as JSON', writes: 'report', make: jsonReporter },
  junit: { summary: 'a JUnit XML file', writes: 'report', make: junitReporter },
  github: { summary: "annotations of GitHub's jobs", writes: 'report', make: githubReporter },
  tap: { summary: 'Test Anything Protocol 14', writes: 'report', make: tapReporter },
  openmetrics: {
    summary: "a file for Prometheus' node exporter",
    writes: 'report',
    make: openmetricsReporter,
  },
};
