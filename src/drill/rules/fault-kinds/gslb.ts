// Faults on the GSLB: when nobody could be led anywhere any more, and when nobody would be led
// anywhere else.
import { formatDuration } from '../../../base/units.ts';
import { regionOf } from '../../../base/node-name.ts';
import { definitionOf, type DrillFault, type FaultKind } from '../../fault/registry.ts';
import type { Drill } from '../../file/schema.ts';
import { hasDisaster } from '../../plan/clock.ts';
import { disasterOf, effectOf, outcomeOf, replicationEnds } from '../../plan/disaster.ts';
import { recoveryOf } from '../../plan/make-plan.ts';
import { regionAtEdge } from '../../plan/plan.ts';
import { recoveryNamed } from '../../recovery/registry.ts';
import { error, rule, warning, type Problem } from '../rule.ts';
import { spanOf } from '../spans.ts';

export const gslbFaultRules = [
  rule('gslb-comes-back', ['faults', 'topology', 'recover.with', 'disaster'], comesBack),
  rule('dns-is-asked', ['faults', 'topology.gslb', 'workload'], dnsIsAsked),
  rule('answers-would-change', ['faults', 'topology', 'steady', 'warm_up'], answersWouldChange),
];

/** How long after the disaster faults of that kind can last; one without an end is refused. */
export function lastsAfterDisasterMs(drill: Drill, kind: FaultKind): number {
  const { from_ms } = disasterOf(drill).fault.at;
  const ends = drill.faults
    .filter((fault) => fault.kind === kind && fault.for !== undefined)
    .map((fault) => spanOf(fault, drill).ends[1] - from_ms);
  return Math.max(0, ...ends);
}

function comesBack(drill: Drill): Problem[] {
  const isMoved = movesClients(drill);
  return drill.faults.flatMap(({ kind, at, for: lasts_ms }, index): Problem[] => {
    if (kind === 'lose-gslb' && at.beforehand) {
      const message = 'without the GSLB no client finds service, so that there is no steady state';
      return [error(['faults', index, 'at'], `${message}; ${kind} needs a time after it`)];
    }
    if (lasts_ms !== undefined) return [];
    if (kind === 'lose-gslb') {
      const message = 'without the GSLB no client finds service, and nobody sees a region go down';
      return [error(['faults', index, 'kind'], `${message}: say how long it lasts, with for`)];
    }
    if (kind !== 'stale-dns' || !isMoved) return [];
    const message =
      'clients are not told where to go before it is over, and the recovery is not over before ' +
      'they are: say how long it lasts, with for';
    return [error(['faults', index, 'kind'], message)];
  });
}

/** On average; that none asks is one run of twenty then. */
const ASKS_ENOUGH = 3;

/** Each writer asks again when its answer is a ttl old. */
function dnsIsAsked({ faults, topology, workload }: Drill): Problem[] {
  const { ttl } = topology.gslb;
  return faults.flatMap(({ kind, for: lasts_ms }, index): Problem[] => {
    if (kind !== 'lose-gslb' || lasts_ms === undefined || ttl === 0) return [];
    const asks = (workload.writers * lasts_ms) / (1_000 * ttl);
    if (asks >= ASKS_ENOUGH) return [];
    const message =
      `${workload.writers} writers ask DNS every ${ttl} s: few of them or none while it lasts. A ` +
      'run in which none does is inconclusive; let it last longer, or lower topology.gslb.ttl';
    return [warning(['faults', index, 'for'], message)];
  });
}

/** Whether the recovery leads clients to another region. */
export function movesClients(drill: Drill): boolean {
  if (!hasDisaster(drill)) return false;
  return recoveryNamed(drill.recover.with ?? recoveryOf(drill)).instances !== null;
}

/** The answer can change by what health checks see of regions that serve, and by a redirect. */
function answersWouldChange(drill: Drill): Problem[] {
  const { every, failures } = drill.topology.gslb;
  const seen_ms = (failures - 1) * every;
  return drill.faults.flatMap((fault, index): Problem[] => {
    if (fault.kind !== 'stale-dns') return [];
    const own = spanOf(fault, drill);
    const others = drill.faults.filter((other) => canChangeAnswers(other, drill));
    const isMet = others.some((other) => {
      const { begins, ends } = spanOf(other, drill);
      // A disaster that no check sees is declared, and clients redirected, at any time.
      const isSeen = other.node !== undefined || effectOf(other, drill).seenByChecks;
      const least_ms = isSeen ? seen_ms : 0;
      return own.begins[0] < ends[1] && begins[0] + least_ms < own.ends[1];
    });
    if (isMet) return [];
    const message =
      'nothing would change in the answers while it lasts, so that it shows nothing: let a fault ' +
      `that health checks see begin ${formatDuration(seen_ms)} before its end, or a redirect`;
    return [error(['faults', index, 'kind'], message)];
  });
}

function canChangeAnswers(fault: DrillFault, drill: Drill): boolean {
  if (hasDisaster(drill) && disasterOf(drill).fault === fault) return true;
  const { target } = definitionOf(fault.kind);
  const { own, effect } = outcomeOf(fault, drill);
  const isServing = (region: string | null | undefined) =>
    drill.topology.regions[region ?? '']?.role === 'active';
  switch (target) {
    case 'region':
      return isServing(fault.region) && effect.seenByChecks;
    case 'node':
      return isServing(regionOf(fault.node ?? ''));
    case 'link':
      return isServing(regionAtEdge((own as { link: string }).link));
    case 'primary':
      return isServing(replicationEnds(drill)[0]) && effect.seenByChecks;
    case 'standby':
    case 'gslb':
    case 'operators':
      return false;
  }
}
