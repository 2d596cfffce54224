// Finished runs of one drill at several sizes of its data, put together by size. Pure.
import { writeSize } from '../base/units.ts';
import { fitOf, type Scale, type ScaleFit } from '../verdict/scale.ts';
import type { ComparedDrill } from '../verdict/comparison.ts';
import { worstVerdict } from '../verdict/exit-code.ts';
import { compareRuns, type FinishedRun } from './compare.ts';

export interface SizedRun extends FinishedRun {
  readonly data_bytes: number;
}

/** `runs` are one or more. */
export function scaleRuns(
  runs: readonly SizedRun[],
  { to_bytes, notMade }: { readonly to_bytes: number | null; readonly notMade: number },
): Scale {
  const sizes = [...new Set(runs.map(({ data_bytes }) => data_bytes))].toSorted((a, b) => a - b);
  const bySize = sizes.map((bytes) => {
    const own = runs.filter(({ data_bytes }) => data_bytes === bytes);
    const drill = { ...compareRuns(own).drills[0]!, label: writeSize(bytes) };
    return { bytes, own, drill };
  });
  const { name, strategy } = runs[0]!.result.drill;
  return {
    schema: 'drill.scale/1',
    verdict: worstVerdict(runs.map(({ result }) => result.verdict)),
    name,
    strategy,
    sizes: bySize.map(({ bytes, drill }) => ({ bytes, drill })),
    fits: fitsOf(bySize, to_bytes),
    to_bytes,
    not_made: notMade,
  };
}

interface OfSize {
  readonly bytes: number;
  readonly own: readonly FinishedRun[];
  readonly drill: ComparedDrill;
}

/** Only runs that were judged on their numbers count: others may have stood still for a reason. */
function fitsOf(sizes: readonly OfSize[], to_bytes: number | null): ScaleFit[] {
  const isJudged = ({ result: { verdict } }: FinishedRun) =>
    verdict === 'pass' || verdict === 'fail';
  const rto = sizes.flatMap(({ bytes, own, drill }) =>
    own.map((run, at) => {
      return { bytes, ms: isJudged(run) ? (drill.runs[at]?.rto_ms?.value ?? null) : null };
    }),
  );
  const phases = sizes.flatMap(({ own }) =>
    own.flatMap(({ result }) => (result.recovery?.phases ?? []).filter(({ ms }) => ms !== null)),
  );
  const names = [...new Set(phases.map(({ name }) => name))];
  return [
    fitOf('RTO', rto, to_bytes),
    ...names.map((name) => {
      const values = sizes.flatMap(({ bytes, own }) =>
        own.map((run) => {
          const phase = run.result.recovery?.phases.find((each) => each.name === name);
          return { bytes, ms: isJudged(run) ? (phase?.ms ?? null) : null };
        }),
      );
      return fitOf(name, values, to_bytes);
    }),
  ];
}
