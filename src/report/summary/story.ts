// What the plan and the journal say of a run and its result does not: what was broken and when, who
// declared the disaster, and with which version of drill.
import { formatDuration } from '../../base/units.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { readJournal } from '../../evidence/journal.ts';
import { readPlan, runFile } from '../../evidence/run-files.ts';

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
  const started = events.find((event) => event.event === 'run.started');
  return {
    description: plan.description ?? '',
    version: started?.drill_version ?? null,
    broken: events.flatMap((event) => sentenceOf(plan, event, events)),
  };
}

/** `lose-region east, 2 s after the steady state (11.38 s): killed east/postgres. The disaster.` */
function sentenceOf(plan: Plan, event: RunEvent, events: readonly RunEvent[]): string[] {
  if (event.event === 'disaster.declared') {
    return [`Declared a disaster at ${formatDuration(event.t)}: ${event.by}.`];
  }
  if (event.event !== 'fault.started') return [];
  const { index, kind, region, disaster, t } = event;
  const fault = plan.faults[index];
  const after =
    fault === undefined || fault.beforehand
      ? 'before the steady state'
      : `${formatDuration(fault.at_ms)} after the steady state`;
  const injected = events.find((one) => one.event === 'fault.injected' && one.index === index);
  const detail = injected?.event === 'fault.injected' ? `: ${injected.detail}` : '';
  const clock = disaster ? ' The clock of the RTO starts here.' : '';
  return [`${kind} ${region}, ${after} (at ${formatDuration(t)})${detail}.${clock}`];
}
