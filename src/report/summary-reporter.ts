// The summaries of runs, of series and of a whole command, as they end.
import { dirname } from 'node:path';
import type { Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { Output } from '../screen/screen.ts';
import type { Reporter } from './reporter.ts';
import { seriesText, shortSeries } from './series/text.ts';
import { severalText, type Outcome } from './several.ts';
import { storyOf } from './summary/story.ts';
import { shortSummary, summaryText, type Failure } from './summary/summary.ts';

export interface SummaryReporterOptions {
  readonly commandName: string;
  readonly showPath: (path: string) => string;
  readonly isShort: boolean;
  /** What is said of a series: all, a line in place of one for each trial, or nothing. */
  readonly series: 'whole' | 'line' | 'nothing';
}

export function summaryReporter(output: Output, options: SummaryReporterOptions): Reporter {
  let failure: Failure | null = null;
  let plan: Plan | null = null;
  let events: RunEvent[] = [];
  let isOneOfMany = false;
  const outcomes: Outcome[] = [];
  let runs = '.drill/runs';
  return {
    onEnd: () => {
      if (options.series === 'nothing') return;
      output.write(
        severalText(outcomes, { columns: output.columns(), hasColour: output.hasColour }),
      );
    },
    onPlan: (planned, repeated = false) => {
      isOneOfMany = repeated;
      failure = null;
      plan = planned;
      events = [];
    },
    onEvent: (event) => {
      if (event.event === 'environment.failed') failure = event;
      if (event.event !== 'workload.sampled') events.push(event);
    },
    onSeries: (series) => {
      outcomes.push(...series);
      for (const each of series) {
        const { commandName } = options;
        const [columns, hasColour] = [output.columns(), output.hasColour];
        if (options.series === 'line') output.write(shortSeries(each, hasColour));
        if (options.series !== 'whole') continue;
        output.write(seriesText(each, { commandName, columns, hasColour, runs }));
      }
    },
    onResult: (result, directory) => {
      runs = options.showPath(dirname(directory));
      if (!isOneOfMany) outcomes.push(result);
      if (isOneOfMany && options.series === 'line') return;
      const make = options.isShort || isOneOfMany ? shortSummary : summaryText;
      const text = make(result, {
        directory: options.showPath(directory),
        commandName: options.commandName,
        columns: output.columns(),
        hasColour: output.hasColour,
        failure,
        story: plan === null ? null : storyOf(plan, events),
      });
      output.write(text);
    },
  };
}
