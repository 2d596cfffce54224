// What the trials of a drill went through, in words: what was broken and when, what each phase most
// often went into, and what so many trials on one machine do not prove.
import { formatDuration } from '../../base/units.ts';
import type { PhaseCause } from '../../drill/cause.ts';
import type { FaultFacts } from '../../drill/run-facts.ts';
import { medianOf } from '../../base/statistics.ts';
import { unlikeMachines } from './workers.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { causeWords } from '../summary/cause-words.ts';
import { withoutMoment } from '../../drill/fault/registry.ts';
import { faultName, wallWords } from '../summary/fault-words.ts';
import { surroundingsSentence } from '../summary/surroundings-words.ts';

/**
 * `lose-region east, kill, in 10 of 10 trials, 2 s to 2.24 s after the steady state (2026-11-28
 * 20:00:05 UTC to 2026-11-28 20:03:11 UTC). The clock starts here.`
 */
export function brokenInSeries({ trials, made, surroundings }: SeriesResult): string[] {
  const all = trials.flatMap(({ faults = [] }) => faults);
  return [...new Set(all.map(faultName))].map((name) => {
    const isIt = (fault: FaultFacts) => faultName(fault) === name;
    const faults = all.filter(isIt);
    const own = trials.filter(({ faults: its = [] }) => its.some(isIt));
    const walls = faults.flatMap(({ started_at }) => started_at ?? []).toSorted();
    const ends = new Set([walls[0], walls.at(-1)]);
    const when = [...ends].flatMap((at) => {
      return at === undefined ? [] : wallWords(at, surroundings.machine ?? null);
    });
    const wall = when.length === 0 ? '' : ` (${when.join(' to ')})`;
    const clock = faults.some(({ disaster }) => disaster) ? ' The clock starts here.' : '';
    return `${name}, in ${own.length} of ${made} trials, ${momentsOf(faults)}${wall}.${clock}`;
  });
}

/** When by the plan, from the first to the last that a seed drew. */
function momentsOf(faults: readonly FaultFacts[]): string {
  const all = faults.flatMap(({ at_ms }) => at_ms ?? []).toSorted((a, b) => a - b);
  if (all.length === 0) return withoutMoment(faults[0]?.kind ?? '');
  const ends = new Set([all[0]!, all.at(-1)!].map(formatDuration));
  return `${[...ends].join(' to ')} after the steady state`;
}

/** When the disaster of a trial was, by the wall clock; empty: nobody says. */
export function brokenAt({ trials, surroundings }: SeriesResult, number: number): string {
  const at = trials[number]?.faults?.find(({ disaster }) => disaster)?.started_at ?? null;
  return at === null ? '' : wallWords(at, surroundings.machine ?? null);
}

/** The commonest largest cause of a phase, of the trial in the middle; empty: none is known. */
export function commonestCause({ trials }: SeriesResult, phase: string): string {
  const causes = trials.flatMap(({ causes: own = [] }) => own.filter((one) => one.phase === phase));
  const kinds = [...new Set(causes.map(({ kind }) => kind))];
  const alike = kinds.map((kind) => causes.filter((one) => one.kind === kind));
  const [most] = alike.toSorted((one, other) => other.length - one.length);
  if (most === undefined) return '';
  const middle = medianOf(most.map(({ ms }) => ms).toSorted((a, b) => a - b));
  const typical: PhaseCause = most.find(({ ms }) => ms === middle) ?? most[0]!;
  const where = `in ${most.length} of ${causes.length} trials`;
  return `${where}, e.g. ${formatDuration(typical.ms)}: ${causeWords(typical)}`;
}

/** `detect: in 10 of 10 trials, e.g. 640 ms: …`, of each phase whose cause is known. */
export function causesInSeries(series: SeriesResult): string[] {
  return series.phases.flatMap(({ name }) => {
    const cause = commonestCause(series, name);
    return cause === '' ? [] : [`${name}: ${cause}`];
  });
}

/** Beside what the trials prove of outages like theirs. */
export function notProvedInSeries(series: SeriesResult): string[] {
  const { drill, surroundings, rto_ms, gates } = series;
  const isMeasured = rto_ms !== null || gates.some(({ measured }) => measured !== null);
  return isMeasured
    ? [surroundingsSentence(surroundings, drill.strategy), ...unlikeMachines(series)]
    : [NOTHING];
}

const NOTHING = 'Nothing was measured, so nothing is proved.';
