// What runs of a service that was killed have left is gone before anything is measured.
import { join } from 'node:path';
import { brokenOff } from '../../archive/run-list.ts';
import { cleanRuns } from '../../session/clean.ts';
import type { Surroundings } from '../../session/session.ts';

export interface BrokenOff {
  readonly run: string;
  /** What could not be removed, in words. */
  readonly left: readonly string[];
}

export async function cleanBrokenOff(
  runs: string,
  place: Pick<Surroundings, 'environment'>,
): Promise<BrokenOff[]> {
  const places = brokenOff(runs).map((id) => join(runs, id));
  return (await cleanRuns(places, false, place)).map(({ run, outcome }) => {
    return { run, left: outcome.state === 'cleaned' ? outcome.left : [outcome.state] };
  });
}
