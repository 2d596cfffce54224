// What a drill needs of the machine, for the doctor; and the doctor's quick checks of that, which
// every run makes before it starts anything.
import { requireHealth } from '../doctor/examine.ts';
import { doctorChecks } from '../doctor/registry.ts';
import { lookUp } from '../drill/file/layers.ts';
import { runtimeNamed } from '../drill/file/runtimes.ts';
import { hostClock } from '../host/clock.ts';
import type { Needs } from '../topology/machine-check.ts';
import type { RuntimeOptions } from '../topology/runtime.ts';
import { runtimes } from '../topology/runtimes.ts';
import type { DrillRead } from './read.ts';

/** `stated` is a drill, or as much of one as was said. */
export function needsOf(stated: unknown): Needs {
  const runtime = runtimeNamed(lookUp(stated, ['runtime']).value);
  return { runtime, redis: lookUp(stated, ['topology', 'redis']).value !== undefined };
}

/** `runs` is the directory of runs. */
export function preflightOf(
  { drill }: Pick<DrillRead, 'drill'>,
  runs: string,
  options: RuntimeOptions,
): () => Promise<void> {
  const needs = needsOf(drill);
  const environment = runtimes[needs.runtime].environmentOf(options);
  return async () => {
    const checks = await doctorChecks([needs.runtime]);
    await requireHealth(checks, { environment, clock: hostClock(), runs, needs });
  };
}
