// Faults that no client could meet, by what the file says: nobody is led there while they last, or
// something on the way there answers nobody all that time. It would pass whatever they do.
import { hasDisaster } from '../../plan/clock.ts';
import { definitionOf, type DrillFault } from '../../fault/registry.ts';
import type { Drill } from '../../file/schema.ts';
import { disasterOf, outcomeOf, replicationEnds, surroundingsIn } from '../../plan/disaster.ts';
import { instancesOf } from '../../plan/make-plan.ts';
import { edgeLink } from '../../plan/plan.ts';
import { gatesOf, placeOf, silentParts, type Place } from '../../plan/way.ts';
import { error, rule, warning, type Problem } from '../rule.ts';
import { covers, spanOf, type Span } from '../spans.ts';
import { movesClients } from './gslb.ts';

const TIMES = ['steady', 'warm_up', 'disaster', 'recover.with', 'workload.via'];

export const unmetRules = [
  rule('faults-are-met', ['faults', 'topology', ...TIMES], faultsAreMet),
  rule('archive-is-needed', ['faults', 'topology', 'disaster'], archiveIsNeeded),
];

interface Met {
  readonly index: number;
  readonly fault: DrillFault;
  readonly place: Place | null;
  readonly span: Span;
  /** What answers nobody while it lasts. */
  readonly silent: readonly string[];
  readonly isOfApp: boolean;
}

function metOf(fault: DrillFault, index: number, drill: Drill): Met {
  const [from, to] = replicationEnds(drill);
  const outcome = outcomeOf(fault, drill);
  const { kind, region = from } = fault;
  const { serving } = surroundingsIn(drill.topology.strategy, { from, to });
  const planned = { ...outcome.own, kind, region, effect: outcome.effect };
  // What does not end is a deed, and over once it is done.
  const lasts_ms = definitionOf(kind).ends === null ? 0 : fault.for;
  return {
    index,
    fault,
    place: placeOf(planned, outcome, serving),
    span: spanOf({ ...fault, for: lasts_ms }, drill),
    silent: silentParts(outcome),
    isOfApp: outcome.needs.includes('disturb-app'),
  };
}

function faultsAreMet(drill: Drill): Problem[] {
  const all = drill.faults.map((fault, index) => metOf(fault, index, drill));
  return all.flatMap((each): Problem[] => {
    const { fault, index, place } = each;
    if (place === null) return [];
    const why = whyUnmet(each, place, all, drill);
    if (why === null) return [];
    const key = ['node', 'link', 'region'].find((named) => named in fault) ?? 'kind';
    return [error(['faults', index, key], `${why}: no client would meet it`)];
  });
}

function whyUnmet(each: Met, place: Place, all: readonly Met[], drill: Drill): string | null {
  const { fault, isOfApp, span } = each;
  if (isOfApp && drill.workload.via === 'sql') {
    return `with via: sql clients go around ${fault.node}`;
  }
  const met = drill.topology.regions[place.region];
  if (met === undefined) return null; // which is said elsewhere
  if (met.role === 'standby') {
    const isLed = hasDisaster(drill) && movesClients(drill);
    if (isLed && span.ends[1] > disasterOf(drill).fault.at.from_ms) return null;
    const over = isLed ? ', and it is over before the disaster' : '';
    const [way, where] =
      place.on === 'edge' ? ['crosses', edgeLink(place.region)] : ['is served by', fault.node];
    return `nobody ${way} ${where} while its region is the standby${over}`;
  }
  return hiddenBy(each, place, all, drill);
}

/** What is silent before it on the way, all the time. */
function hiddenBy(
  each: Met,
  { region, on }: Place,
  all: readonly Met[],
  drill: Drill,
): string | null {
  // Who is cut off whole, or dead, has lost more than its clients.
  if (on === 'edge' && each.silent.includes(region)) return null;
  const others = all.filter((other) => other !== each && covers(other.span, each.span));
  const silencing = (part: string) => others.find(({ silent }) => silent.includes(part));
  const gate = gatesOf(region).find((part) => silencing(part) !== undefined);
  if (gate !== undefined) {
    const { index, fault } = silencing(gate)!;
    return `faults.${index} (${fault.kind}) has ${gate} answer nobody all that time`;
  }
  const { strategy, regions } = drill.topology;
  const count = on === 'store' ? instancesOf(regions[region]!, strategy) : 0;
  const apps = Array.from({ length: count }, (_, at) => silencing(`${region}/app-${at + 1}`));
  if (count === 0 || apps.includes(undefined)) return null;
  const which = apps.map((app) => `faults.${app!.index} (${app!.fault.kind})`).join(' and ');
  return `${which} ${count === 1 ? 'has' : 'have'} no app of ${region} answer all that time`;
}

/** Without a disaster nobody restores. */
function archiveIsNeeded(drill: Drill): Problem[] {
  if (hasDisaster(drill)) return [];
  return drill.faults.flatMap(({ kind }, index) => {
    if (kind !== 'break-archive') return [];
    const message =
      'nothing is restored without a disaster: nothing that is judged would tell of it';
    return [warning(['faults', index, 'kind'], message)];
  });
}
