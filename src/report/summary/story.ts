// What the plan and the journal say of a run and its result does not: what was broken and when, who
// declared the disaster, and with which version of drill.
import { formatDuration } from '../../base/units.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { readJournal } from '../../evidence/journal.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';
import { Timeline, type EventOf } from '../../measure/timeline.ts';

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
  return {
    description: plan.description ?? '',
    version: run.first('run.started')?.drill_version ?? null,
    broken: events.flatMap((event) => {
      if (event.event === 'fault.started') return faultSentence(run, event);
      if (event.event !== 'disaster.declared') return [];
      return `Declared a disaster at ${formatDuration(event.t)}: ${event.by}.`;
    }),
  };
}

/** `lose-region east, 2 s after the steady state (at 11.38 s): killed east/postgres.` */
function faultSentence(run: Timeline, event: EventOf<'fault.started'>): string {
  const { index, kind, region, disaster, t } = event;
  const fault = run.plan.faults[index];
  const after =
    fault === undefined || fault.beforehand
      ? 'before the steady state'
      : `${formatDuration(fault.at_ms)} after the steady state`;
  const injected = run.injected(index);
  const detail = injected === undefined ? '' : `: ${injected.detail}`;
  const clock = disaster ? ' The clock of the RTO starts here.' : '';
  return `${kind} ${region}, ${after} (at ${formatDuration(t)})${detail}.${clock}`;
}
