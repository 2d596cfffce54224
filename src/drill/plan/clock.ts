// The clock of a drill: it starts at the disaster, or, where there is none, at the first fault
// after the steady state.
import type { Plan } from './plan.ts';

/** Whether a drill or a plan has something to recover from; else it is chaos without a disaster. */
export function hasDisaster({ disaster }: { readonly disaster?: 'none' | undefined }): boolean {
  return disaster === undefined;
}

/**
 * From the first fault after the steady state to the end of the last one, or to its start where it
 * stays.
 */
function faultsLastMs({ faults }: Pick<Plan, 'faults'>): number {
  const later = faults.filter(({ beforehand }) => !beforehand);
  const begin_ms = Math.min(...later.map(({ at_ms }) => at_ms));
  return (
    Math.max(...later.map((each) => each.at_ms + (each.wait_ms ?? 0) + (each.heal_after_ms ?? 0))) -
    begin_ms
  );
}

/** The latest at which service is to be back, from the fault at which the clock starts. */
export function promisedBackMs({ targets, ...plan }: Plan): number {
  if (hasDisaster(plan)) return targets.rto_ms!;
  return faultsLastMs(plan) + targets.steady_within_ms!;
}

/** At what the clock starts, in words. */
export function clockStart(of: { readonly disaster?: 'none' | undefined }): string {
  return hasDisaster(of) ? 'the disaster' : 'the first fault';
}

type OfDrill = { readonly disaster?: 'none' | undefined };

/** What the time from there until service was back for good is called. */
export function backName(of: OfDrill): string {
  return hasDisaster(of) ? 'RTO' : 'back after';
}

/** The same in front of one such time, where it stands among recovery times of other drills. */
export function namedBack(of: OfDrill, words: string): string {
  const isTime = /^\d/.test(words);
  return hasDisaster(of) || !isTime ? words : `${backName(of)} ${words}`;
}

/** What the clock that starts with the faults is called. */
export function clockName(plan: Plan): string {
  return hasDisaster(plan) ? 'RTO' : 'faults';
}
