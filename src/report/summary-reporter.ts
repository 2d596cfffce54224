// Prints the summary of each run at its end, with what a failed part said last.
import type { Output } from '../screen/screen.ts';
import type { Reporter } from './reporter.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import { storyOf } from './summary/story.ts';
import { shortSummary, summaryText, type Failure } from './summary/summary.ts';

export interface SummaryReporterOptions {
  readonly commandName: string;
  readonly showPath: (path: string) => string;
  readonly isShort: boolean;
}

export function summaryReporter(output: Output, options: SummaryReporterOptions): Reporter {
  let failure: Failure | null = null;
  let plan: Plan | null = null;
  let events: RunEvent[] = [];
  return {
    onPlan: (planned) => {
      failure = null;
      plan = planned;
      events = [];
    },
    onEvent: (event) => {
      if (event.event === 'environment.failed') failure = event;
      if (event.event !== 'workload.sampled') events.push(event);
    },
    onResult: (result, directory) => {
      const make = options.isShort ? shortSummary : summaryText;
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
