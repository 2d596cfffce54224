// What a run is about, as far as its result does not say it: the description of the drill, and the
// story of what was broken and who declared a disaster.
import { formatDuration } from '../../base/units.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { readJournal } from '../../evidence/journal.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import { faultsIn, machineIn } from '../../measure/journal/facts.ts';
import { Timeline } from '../../measure/timeline.ts';
import { faultSentence } from './fault-words.ts';

export interface Story {
  /** The description of the drill file; it can be empty. */
  readonly description: string;
  /** Null where the run never began. */
  readonly version: string | null;
  /** One sentence for each fault and for the declaration, in their order. */
  readonly broken: readonly string[];
}

/** The story of a finished run; null where its plan or its journal cannot be read. */
export function readStory(directory: string): Story | null {
  try {
    return storyOf(readPlan(directory), readJournal(runFile(directory, 'journal')).events);
  } catch {
    return null;
  }
}

export function storyOf(plan: Plan, events: readonly RunEvent[]): Story {
  const run = new Timeline(plan, events);
  const machine = machineIn(run);
  const told = [
    ...faultsIn(run).map((fault) => {
      return { t: fault.started_ms, text: faultSentence(fault, machine) };
    }),
    ...run.all('disaster.declared').map(({ t, by }) => {
      const what = hasDisaster(plan) ? 'Declared a disaster' : 'Decided to recover';
      return { t, text: `${what} at ${formatDuration(t)}: ${by}.` };
    }),
  ];
  return {
    description: plan.description ?? '',
    version: run.first('run.started')?.drill_version ?? null,
    broken: told.toSorted((one, other) => one.t - other.t).map(({ text }) => text),
  };
}
