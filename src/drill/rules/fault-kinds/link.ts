// Whether faults on one link go together, and whether the way that they name is one of the link's.
import { guessHint } from '../../../base/closest.ts';
import { definitionOf } from '../../fault/registry.ts';
import type { Drill } from '../../file/schema.ts';
import { outcomeOf, replicationEnds } from '../../plan/disaster.ts';
import { regionAtEdge } from '../../plan/plan.ts';
import { overlap, spanOf } from '../spans.ts';
import { error, ofEachFault, rule, type Problem } from '../rule.ts';

const WAYS = ['topology.regions', 'topology.strategy', 'faults.*'];

export const linkFaultRules = [
  rule('faults-stack', ['faults', 'steady', 'warm_up', 'topology'], faultsStack),
  ofEachFault('ways-are-known', WAYS, waysAreKnown),
];

/** Of two that do not stack, the one hides the other, and neither could be seen to bite. */
function faultsStack(drill: Drill): Problem[] {
  const all = drill.faults.map((fault, index) => {
    const { links } = outcomeOf(fault, drill);
    return { index, kind: fault.kind, links, span: spanOf(fault, drill) };
  });
  const inTime = all.toSorted((one, other) => one.span.begins[0] - other.span.begins[0]);
  return inTime.flatMap(({ index, kind, links, span }, place): Problem[] => {
    const stacks = definitionOf(kind).stacksWith ?? [];
    const shared = (each: { readonly links: readonly string[] }) =>
      links.find((link) => each.links.includes(link));
    const other = inTime.slice(0, place).find((each) => {
      return shared(each) !== undefined && overlap(each.span, span) && !stacks.includes(each.kind);
    });
    if (other === undefined) return [];
    const message =
      `faults.${other.index} (${other.kind}) can have ${shared(other)} at the same time, and one ` +
      'would hide the other; let one be over before the other begins';
    return [error(['faults', index, 'kind'], message)];
  });
}

function waysAreKnown(drill: Drill): Problem[] {
  return drill.faults.flatMap((fault, index): Problem[] => {
    const from = 'from' in fault ? fault.from : undefined;
    const [link] = outcomeOf(fault, drill).links;
    if (from === undefined || link === undefined) return [];
    const region = regionAtEdge(link);
    const ends = region === null ? replicationEnds(drill) : ['clients', region];
    if (ends.includes(from)) return [];
    const hint = guessHint(from, ends) || '.';
    const message = `nothing comes from there on ${link}${hint} It joins ${ends.join(' and ')}`;
    return [error(['faults', index, 'from'], message)];
  });
}
