// What a signed statement says of runs and of a series, made of their results. Whoever verifies
// makes it again of results that were recomputed, and compares.
import type { Predicate, RunPredicate, SeriesPredicate } from '../../evidence/pack/statement.ts';
import { worstExit } from '../../verdict/exit-code.ts';
import type { Gate, Result } from '../../verdict/result.ts';
import type { SeriesGate, SeriesResult } from '../../verdict/series.ts';
import { codesOf, judgedOf, type SeriesRead } from '../series-results.ts';

export interface JudgedRun {
  readonly result: Result;
  /** Of the drill that ran it; null: its journal does not say. */
  readonly version: string | null;
}

/** Of runs in the order in which they stand in a pack, and of their series. */
export function judgedPart(
  runs: readonly JudgedRun[],
  series: SeriesRead | null,
): Pick<Predicate, 'runs' | 'series'> {
  return {
    runs: runs.map(ofRun),
    series: series === null ? null : ofSeries(series),
  };
}

function ofRun({ result, version }: JudgedRun): RunPredicate {
  const { drill, runtime, recovery, loss } = result;
  return {
    run: result.id,
    ...ofDrill(result),
    seed: drill.seed,
    started_at: result.started_at,
    wall_ms: result.wall_ms,
    drill_version: version,
    system: runtime && {
      runtime: runtime.kind,
      postgres: runtime.postgres,
      proxy: runtime.proxy,
    },
    gates: result.gates.map((gate) => {
      const { measured, low, high } = gate;
      return { ...ofGate(gate), measured, low, high };
    }),
    rto_ms: recovery?.rto_ms ?? null,
    rpo_ms: loss?.rpo_ms ?? null,
    lost_writes: loss?.lost ?? null,
  };
}

function ofSeries(read: SeriesRead): SeriesPredicate {
  return {
    series: read.file.id,
    drills: judgedOf(read).map((series) => ({
      ...ofDrill(series),
      planned: series.planned,
      made: series.made,
      needed: series.needed,
      gates: series.gates.map((gate) => {
        const { met, missed, open } = gate;
        return { ...ofGate(gate), met, missed, open };
      }),
    })),
    exit_code: worstExit(codesOf(read)),
  };
}

function ofDrill({ drill, verdict }: Pick<SeriesResult, 'drill' | 'verdict'>) {
  return {
    drill: drill.name,
    strategy: drill.strategy,
    drill_sha256: drill.sha256,
    controls: [...(drill.controls ?? [])],
    verdict,
  };
}

function ofGate({ name, unit, bound, target, verdict }: Gate | SeriesGate) {
  return { name, unit, bound, target, verdict };
}
