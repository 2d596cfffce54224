// Whether the end of one fault would end another one that is still to last: what only one can hold
// at a time is let go by the first that is healed.
import { formatDuration } from '../../base/units.ts';
import { definitionOf, type DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { error, type Problem, type Rule } from './rule.ts';

export const overlapRules: readonly Rule[] = [
  { name: 'heals-apart', looksAt: ['faults', 'steady', 'warm_up'], find: healsApart },
];

/** Between which times it begins and ends; Infinity: not before the end of the run. */
interface Span {
  readonly begins: readonly [first_ms: number, last_ms: number];
  readonly ends: readonly [first_ms: number, last_ms: number];
}

/** After the steady state; what is there beforehand began before the warm-up. */
function spanOf({ at, heal_after = Infinity }: DrillFault, { steady, warm_up }: Drill): Span {
  const begins: Span['begins'] = at.beforehand
    ? [-steady.for - warm_up.at_most, -steady.for]
    : [at.from_ms, at.to_ms];
  return { begins, ends: [begins[0] + heal_after, begins[1] + heal_after] };
}

/** Whether the one can be healed while the other one lasts. */
function endsWithin(one: Span, other: Span): boolean {
  return one.ends[1] > other.begins[0] && one.ends[0] < other.ends[1];
}

function healsApart(drill: Drill): Problem[] {
  const all = drill.faults.map((fault, index) => {
    return { index, fault, span: spanOf(fault, drill), holds: definitionOf(fault.kind).holds };
  });
  return all.flatMap((one): Problem[] => {
    if (one.fault.heal_after === undefined) return [];
    for (const other of all) {
      if (other === one || !endsWithin(one.span, other.span)) continue;
      if (one.holds === undefined || one.holds !== other.holds) continue;
      // Where each would end the other one, it is said once.
      const isSaid = other.index < one.index && other.fault.heal_after !== undefined;
      if (isSaid && endsWithin(other.span, one.span)) continue;
      const message =
        `its end can also end faults.${other.index} (${other.fault.kind}), which still holds ` +
        `${one.holds} then${whenOf(other.span)}; let one be over before the other begins`;
      return [error(['faults', one.index, 'heal_after'], message)];
    }
    return [];
  });
}

function whenOf({ ends }: Span): string {
  const [, last] = ends;
  if (last === Infinity) return ' and until the end of the run';
  return last > 0 ? `, until ${formatDuration(last)} after the steady state` : '';
}
