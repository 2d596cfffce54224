// What ended a run before it was over, in words, and what that says against its numbers.
import type { Doubt } from '../../drill/measurement.ts';
import { doubts, missing } from '../measured.ts';
import type { EventOf, Timeline } from '../timeline.ts';
import { capital, plainDetail } from '../words.ts';

/**
 * Runs that ended before their clients had stopped. Who stops a run takes nothing back of what was
 * seen by then; what breaks it may have kept the clients waiting itself. What ends a run in its
 * failback says nothing of the drill before it, but of rows that could have come back.
 */
export function endDoubts(run: Timeline): Doubt[] {
  const isEarly = run.sight().now_ms !== null;
  // Whoever stops a run at its end takes nothing of what was measured by then.
  const interrupts = run.all('run.interrupted').filter(({ t }) => isEarly || t >= run.failback_ms);
  const stops = [
    ...stopsIn(run),
    ...interrupts.map((event) => ({ t: event.t, reason: interruptWords(event) })),
  ];
  const broken = [
    ...run.all('internal.failed').map(internalWords),
    ...run.all('environment.failed').map(environmentWords),
  ];
  return [
    ...doubts('all', isEarly ? broken : []),
    ...stops.flatMap(({ t, reason }) => {
      if (t < run.failback_ms) return missing('all', [reason]);
      const isCounted = run.plan.strategy !== 'active-active';
      return [...missing('failback', [reason]), ...(isCounted ? [] : missing('loss', [reason]))];
    }),
  ];
}

/** Where the drill itself ended the run before its time. */
export function stopsIn(run: Timeline): { readonly t: number; readonly reason: string }[] {
  return [
    ...run.all('run.limited').map((event) => ({ t: event.t, reason: limitWords(event) })),
    ...run.all('run.stopped').map((event) => ({ t: event.t, reason: stopWords(event) })),
  ];
}

export function internalWords({ message }: EventOf<'internal.failed'>): string {
  return `A bug in drill: ${plainDetail(message)}.`;
}

export function limitWords({ reason }: EventOf<'run.limited'>): string {
  return `The run was stopped early: ${plainDetail(reason)}.`;
}

/** `A stop condition ended the run: availability < 50% for 30s (it was 12 %).` */
export function stopWords({ condition, found }: EventOf<'run.stopped'>): string {
  return `A stop condition ended the run: ${condition} (${found}).`;
}

export function interruptWords({ by }: EventOf<'run.interrupted'>): string {
  return `The run was interrupted by ${by}.`;
}

type Problem = Pick<EventOf<'environment.failed'>, 'what' | 'expected' | 'found' | 'hint'>;

export function environmentWords(event: Problem): string {
  const { what, expected, found, hint } = event;
  // A command keeps its small letter, so that it can be pasted.
  const words = hint.startsWith('drill ')
    ? `Try: ${plainDetail(hint)}`
    : capital(plainDetail(hint));
  const next = hint === '' ? '' : ` ${words}.`;
  const facts = `expected ${plainDetail(expected)}, found ${plainDetail(found)}`;
  return `${capital(what)}: ${facts}.${next}`;
}
