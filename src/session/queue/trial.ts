// A trial of a series as a job: made where the series is run, and made a drill of again on the
// machine of a worker, which has to come to the same drill.
import { isDeepStrictEqual } from 'node:util';
import { planHash } from '../../archive/compare.ts';
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import { formatDiagnostic } from '../../drill/file/diagnostic.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { TrialPlace } from '../../drill/plan/trial.ts';
import type { TrialJob } from '../../queue/trial-job.ts';
import { readDrill, type DrillRead } from '../read.ts';
import type { SeriesFile } from '../series-files.ts';
import type { Surroundings } from '../session.ts';
import { asTrial, placeOf } from '../trials.ts';

/** The trial `at` of the series. */
export function jobOf(series: SeriesFile, at: number, drills: readonly DrillRead[]): TrialJob {
  const { drill: which, seed } = series.trials[at]!;
  const { file, text, plan, drill, settings } = drills[which]!;
  const { set = [], moved = false, baseline = null } = series.drills[which]!;
  const { number, of, needed } = placeOf(series, at);
  const { flags } = series;
  return {
    schema: 'drill.trial-job/1',
    file,
    yaml: Buffer.from(text).toString('utf8'),
    flags: {
      set: [...(flags.set ?? []), ...set],
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.runtime === undefined ? {} : { runtime: flags.runtime }),
    },
    runtime: runtimeNamed(drill.runtime),
    plan_hash: planHash(plan),
    seed,
    series_seed: settings.seed,
    series: series.id,
    place: { number, of, needed },
    moved,
    baseline,
    limit_ms: series.limit_ms ?? null,
  };
}

interface Asked {
  readonly series: SeriesFile;
  readonly at: number;
  readonly drills: readonly DrillRead[];
}

/** In what a run that was sent is not the trial `at` of the series; null: it is that trial. */
export function misfitOf(found: Plan, { series, at, drills }: Asked): string | null {
  const { drill: which, seed } = series.trials[at]!;
  const own = drills[which]!;
  const place = placeOf(series, at);
  const { moved = false } = series.drills[which]!;
  const expected = asJob(own, { seed, moved }, place).plan;
  if (found.name !== own.plan.name) return `it is a run of ${found.name}, not of ${own.plan.name}`;
  if (found.seed !== seed) return `it is of the seed ${found.seed}, not ${seed}`;
  const { series: from = 'none', number = 0 } = found.trial ?? {};
  if (from !== place.series) return `it is a run of the series ${from}, not of ${place.series}`;
  if (number !== place.number) return `it is trial ${number + 1} of its drill`;
  const isSame = isDeepStrictEqual(unmade(found), unmade(expected));
  return isSame ? null : `its plan is another one than that of ${own.file}`;
}

/** Without who made it, and where values of it were set. */
function unmade(made: Plan): unknown {
  const { outside: _, trial, ...plan } = made;
  const { worker: __, lost: ___, ...place } = trial!;
  return JSON.parse(JSON.stringify({ ...plan, trial: place }));
}

/** The drill as that trial: its faults at a moment of their own, or else when the drill says. */
function asJob(
  drill: DrillRead,
  { seed, moved }: Pick<TrialJob, 'seed' | 'moved'>,
  place: TrialPlace,
): DrillRead {
  if (moved) return asTrial(drill, seed, place);
  const trial = { series_seed: seed, moved_ms: 0, within_ms: 0, ...place };
  return { ...drill, plan: { ...drill.plan, seed, trial } };
}

/** Who makes it, and who had it before. */
export interface Makers {
  readonly worker: string;
  readonly lost: readonly string[];
}

/** The drill of a job, as a worker runs it; or why it cannot, a sentence. */
export async function drillOf(
  job: TrialJob,
  { worker, lost }: Makers,
  place: Pick<Surroundings, 'directory' | 'environment'>,
): Promise<{ readonly drill: DrillRead } | { readonly problem: string }> {
  const source = { file: job.file, bytes: Buffer.from(job.yaml) };
  const { drill: read, diagnostics } = await readDrill(source, job.flags, place);
  if (read === null) {
    const error = diagnostics.find(({ severity }) => severity === 'error')!;
    return { problem: formatDiagnostic(error).split('\n', 1)[0]! };
  }
  if (planHash(read.plan) !== job.plan_hash) {
    const found = 'found another one: its drill.config.yaml or a variable DRILL_… changes it';
    return { problem: `${job.file}: expected the drill as ${job.series} has it, ${found}` };
  }
  const { series, baseline } = job;
  const makers = { worker, ...(lost.length === 0 ? {} : { lost: [...lost] }) };
  const own = { ...job.place, series, ...makers };
  const settings = { ...read.settings, seed: job.series_seed, keep: 'never' } as const;
  const drill = { ...read.drill, runtime: job.runtime };
  const asked = { ...read, drill, settings, series, ...(baseline === null ? {} : { baseline }) };
  return { drill: asJob(asked, job, own) };
}
