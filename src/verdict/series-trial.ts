// What a series says of each of its trials: the numbers, what was broken and when, and what each
// phase went into. Pure.
import type { PhaseCause } from '../drill/cause.ts';
import type { FaultFacts } from '../drill/run-facts.ts';
import type { Gate, Result, Verdict } from './result.ts';

/** What was measured with and on. */
export type Surroundings = Pick<Result, 'runtime' | 'drill_version' | 'machine' | 'databases'>;

export interface SeriesTrial {
  readonly run: string;
  readonly seed: number;
  /** How much later than the drill file says its faults were. */
  readonly moved_ms: number;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly gates: readonly Pick<Gate, 'name' | 'verdict' | 'measured' | 'low' | 'high'>[];
  readonly rto_ms: number | null;
  readonly rpo_ms: number | null;
  readonly lost: number | null;
  readonly phases: readonly { readonly name: string; readonly ms: number | null }[];
  /** What was broken and when; absent: of an older version. */
  readonly faults?: readonly FaultFacts[];
  /** The largest cause of each phase; absent: nobody looked. */
  readonly causes?: readonly PhaseCause[];
  /** Whether its regions were kept from the trial before; absent: of an older version. */
  readonly regions?: NonNullable<Result['regions']>;
  /** The machine of the worker that made it; absent: the series' own. */
  readonly worker?: string;
  /** Only of a worker's. */
  readonly machine?: Result['machine'];
  /** Workers that had it before and were lost; absent: none. */
  readonly lost_workers?: readonly string[];
}

export function surroundingsIn(result: Result): Surroundings {
  const { runtime, drill_version, machine, databases } = result;
  return {
    runtime,
    ...(drill_version === undefined ? {} : { drill_version }),
    ...(machine === undefined ? {} : { machine }),
    ...(databases === undefined ? {} : { databases }),
  };
}

export function seriesTrial(result: Result): SeriesTrial {
  const { id, drill, verdict, reasons, gates, recovery, loss, faults, regions, machine } = result;
  const causes = recovery?.causes;
  const { worker, lost } = drill.trial ?? {};
  return {
    run: id,
    seed: drill.seed,
    moved_ms: drill.trial?.moved_ms ?? 0,
    verdict,
    reasons,
    gates: gates.map(({ name, verdict: judged, measured, low, high }) => {
      return { name, verdict: judged, measured, low, high };
    }),
    rto_ms: recovery?.rto_ms ?? null,
    rpo_ms: loss?.rpo_ms ?? null,
    lost: loss?.lost ?? null,
    phases: recovery?.phases ?? [],
    ...(faults === undefined ? {} : { faults }),
    ...(causes === undefined ? {} : { causes }),
    ...(regions === undefined ? {} : { regions }),
    ...(worker === undefined ? {} : { worker, machine }),
    ...(lost === undefined ? {} : { lost_workers: lost }),
  };
}
