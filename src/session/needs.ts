// What a drill needs of the machine, for the doctor; and the doctor's quick checks of that, which
// every run makes before it starts anything.
import type { Needs } from '../doctor/check.ts';
import { requireHealth } from '../doctor/examine.ts';
import { DOCTOR_CHECKS } from '../doctor/registry.ts';
import { lookUp } from '../drill/file/layers.ts';
import { hostClock } from '../host/clock.ts';
import type { DrillRead } from './read.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** `stated` is a drill, or as much of one as was said; `auto`, or nothing, is embedded. */
export function needsOf(stated: unknown): Needs {
  const runtime = lookUp(stated, ['runtime']).value === 'compose' ? 'compose' : 'embedded';
  return { runtime, redis: lookUp(stated, ['topology', 'redis']).value !== undefined };
}

/** `runs` is the directory of runs. */
export function preflightOf(
  { drill, settings }: Pick<DrillRead, 'drill' | 'settings'>,
  runs: string,
  own: Variables,
): () => Promise<void> {
  const needs = needsOf(drill);
  const environment = withImages(own, settings.compose.images);
  return () => requireHealth(DOCTOR_CHECKS, { environment, clock: hostClock(), runs, needs });
}

/** The environment with the images of the configuration file, which variables outrank. */
export function withImages(own: Variables, images: Readonly<Record<string, string>>): Variables {
  const named = Object.entries(images).map(([part, image]) => [
    `DRILL_IMAGE_${part.toUpperCase()}`,
    image,
  ]);
  return { ...(Object.fromEntries(named) as Record<string, string>), ...own };
}
