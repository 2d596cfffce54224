// Whether trials are the ones of their series. Each was told, before it began, which of how many it
// is, of which series, and how many have to meet a target; a file of a series that says otherwise
// now has lost trials, or has others, or another rule. Pure.
import type { Result } from './result.ts';

type Trials = readonly (Result | null)[];

/**
 * In what trials of one drill are not those that were run, a sentence each; `trials` are as the
 * file of the series has them. Null among them: not made, or it does not count.
 */
export function sealProblems(series: string, trials: Trials, needed: number): string[] {
  const problems = trials.flatMap((result, at) => {
    if (result === null) return [];
    const { id, drill } = result;
    const { of = trials.length, number = at, needed: asked = needed } = drill.trial ?? {};
    const { series: own = series } = drill.trial ?? {};
    if (own !== series) return [`${id} was begun as a trial of the series ${own}`];
    if (of !== trials.length) {
      return [`${id} was begun as one of ${of} trials, and the series has ${trials.length}`];
    }
    if (number !== at) {
      return [`${id} was begun as trial ${number + 1}, and the series has it as trial ${at + 1}`];
    }
    const rules = `when ${asked} had to meet a target, and the series asks for ${needed}`;
    return asked === needed ? [] : [`${id} was begun ${rules}`];
  });
  const [first = null] = [...problems, ...unlikeProblems(trials)];
  return first === null ? [] : [`The trials are not those of the series as it began: ${first}.`];
}

/** One drill has one file, one strategy and one number for each target. */
function unlikeProblems(trials: Trials): string[] {
  const made = trials.filter((result) => result !== null);
  return made.flatMap(({ id, drill, gates }) => {
    const first = made[0]!;
    const isSame = (['name', 'sha256', 'strategy'] as const).every(
      (key) => drill[key] === first.drill[key],
    );
    if (!isSame) return [`${id} is of another drill than ${first.id}`];
    const other = gates.find(({ name, target }) => {
      return first.gates.some((gate) => gate.name === name && gate.target !== target);
    });
    return other === undefined ? [] : [`${id} has another target ${other.name} than ${first.id}`];
  });
}

/** Whether a drill that has one trial now had more when it began. */
export function hasLostTrials(trials: Trials): boolean {
  return trials.length < 2 && (trials[0]?.drill.trial?.of ?? 1) > 1;
}
