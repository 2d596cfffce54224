// What the schema cannot see: a drill file whose values are each right and which makes no sense as
// a whole.
import { closest } from '../../base/closest.ts';
import { formatDuration } from '../../base/units.ts';
import { notBuilt } from '../file/issues.ts';
import { definitionOf } from '../fault/registry.ts';
import { disasterOf, effectOf, replicationEnds } from '../plan/disaster.ts';
import { deadlineMs } from '../plan/make-plan.ts';
import { edgeLink } from '../plan/plan.ts';
import type { Drill } from '../file/schema.ts';
import { error, warning } from './rule.ts';
import type { Check, Sense } from './rule.ts';
import { faultChecks, waitsOf } from './faults.ts';
import { linkChecks } from './links.ts';
import { loadChecks } from './load.ts';
import { overlapChecks } from './overlaps.ts';
import { redisChecks } from './redis.ts';
import { strategyChecks } from './strategy.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import type { Path } from '../file/yaml-source.ts';

/**
 * Everything found in a drill. Checks that use a key that is `broken` (its value is not the user's)
 * are left out.
 */
export function senseOf(drill: Drill, isBroken: (key: string) => boolean): Sense[] {
  return [...CHECKS, ...strategyChecks, ...loadChecks, ...linkChecks, ...redisChecks]
    .filter((check) => !check.uses.some(isBroken))
    .flatMap((check) => check.find(drill));
}

/** What the waits of a recovery follow from. */
const WAITS = [
  ...['faults.*.kind', 'faults.*.link', 'faults.*.disaster'],
  ...['topology.gslb', 'topology.strategy', 'declare'],
];

const CHECKS: readonly Check[] = [
  { uses: ['targets.failback_rto', 'failback'], find: failbackTarget },
  { uses: ['topology.regions', 'topology.strategy'], find: regionsFitStrategy },
  { uses: ['topology.regions', 'topology.links'], find: linksAreKnown },
  { uses: ['topology.regions', 'faults.*.region'], find: faultsHitRegions },
  { uses: ['topology.regions', 'faults.*.link'], find: faultsHitLinks },
  ...faultChecks,
  ...overlapChecks,
  { uses: ['recover', 'targets.rto'], find: deadlineAfterTarget },
  {
    uses: [...WAITS, 'recover', 'targets.rto', 'sustain'],
    find: recoveryIsPossible,
  },
  { uses: [...WAITS, 'targets'], find: targetIsPossible },
  { uses: ['targets', 'topology', 'faults'], find: zeroLossNeedsSync },
];

function later(path: Path, what: string): Sense {
  return error(path, notBuilt(what));
}

function failbackTarget({ targets, failback }: Drill): Sense[] {
  if (targets.failback_rto === undefined || failback) return [];
  return [error(['targets', 'failback_rto'], 'without failback: true there is none')];
}

function regionsFitStrategy({ topology }: Drill): Sense[] {
  const at = ['topology', 'regions'];
  const regions = Object.entries(topology.regions);
  if ('clients' in topology.regions) {
    const message = 'no region can be called clients: that is who is at the end of an edge link';
    return [error([...at, 'clients'], message, 'key')];
  }
  if (regions.length > 2) return [later([...at, regions[2]![0]], 'a third region')];
  if (regions.length < 2) {
    return [
      error(at, `expected two regions, got ${regions.length}: one active, one standby`, 'key'),
    ];
  }
  const { strategy } = topology;
  const active = regions.filter(([, region]) => region.role === 'active');
  const [, second] = active;
  if (STRATEGY_FACTS[strategy].second === 'active') {
    const idle = regions.find(([, region]) => region.role === 'standby');
    if (idle === undefined) return [];
    const message = `in ${strategy} both regions serve: role: active, here ${idle[0]} is a standby`;
    return [error([...at, idle[0], 'role'], message)];
  }
  if (second) {
    const message = `${strategy} has one active region and one standby, here two are active`;
    return [error([...at, second[0], 'role'], message)];
  }
  if (active.length === 1) return [];
  return [error(at, `${topology.strategy} needs an active region, here both are standby`, 'key')];
}

/** What is wrong with the name of a link; null when there is such a link. */
function unknownLink({ topology }: Drill, name: string): string | null {
  const [from, to] = replicationEnds({ topology }) ?? ['', ''];
  const regions = Object.keys(topology.regions);
  const known = [`${from}-${to}`, ...regions.map(edgeLink)];
  if (known.includes(name)) return null;
  const guess = name === `${to}-${from}` ? known[0]! : closest(name, known);
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  return `no such link${hint || '.'} There are ${known.join(', ')}`;
}

function faultsHitLinks(drill: Drill): Sense[] {
  return drill.faults.flatMap(({ link }, index) => {
    const message = link === undefined ? null : unknownLink(drill, link);
    return message === null ? [] : [error(['faults', index, 'link'], message)];
  });
}

function linksAreKnown(drill: Drill): Sense[] {
  const found: Sense[] = [];
  for (const [name, link] of Object.entries(drill.topology.links)) {
    const at = ['topology', 'links', name];
    const message = unknownLink(drill, name);
    if (message !== null) {
      found.push(error(at, message, 'key'));
    } else if (link.jitter > link.latency) {
      const message =
        `the jitter is larger than the latency (${formatDuration(link.latency)}); ` +
        'no delay is below zero';
      found.push(warning([[...at, 'jitter']], message));
    }
  }
  return found;
}

function faultsHitRegions(drill: Drill): Sense[] {
  const { topology, faults } = drill;
  const names = Object.keys(topology.regions);
  return faults.flatMap(({ kind, region }, index) => {
    const at = ['faults', index, 'region'];
    if (region === undefined) {
      if (definitionOf(kind).target !== 'region') return [];
      return [error(['faults', index], `${kind} needs a region: ${names.join(' or ')}`)];
    }
    if (!Object.hasOwn(topology.regions, region)) {
      const guess = closest(region, names);
      const hint = guess === null ? '' : `; did you mean ${guess}?`;
      const listed = hint === '' ? `; there are ${names.join(' and ')}` : hint;
      return [error(at, `there is no region ${JSON.stringify(region)}${listed}`)];
    }
    const message = cannotBeLost(topology, region, index === disasterOf(drill).index);
    return message === null ? [] : [error(at, message)];
  });
}

/** Why nothing recovers from the loss of a region; null: something does. */
function cannotBeLost(
  topology: Drill['topology'],
  region: string,
  isDisaster: boolean,
): string | null {
  if (topology.regions[region]!.role === 'standby') {
    const message = `${region} is the standby: without it there is nothing to promote`;
    return `${message}; lose the active region`;
  }
  const [first, second] = replicationEnds({ topology }) ?? [];
  const isTakenOver = STRATEGY_FACTS[topology.strategy].second === 'active';
  if (!isTakenOver || !isDisaster || region !== second) return null;
  return (
    `with ${topology.strategy} the second region takes over from the first one, and ${region} ` +
    `is the second: lose ${first}, or put ${region} before ${first} in topology.regions`
  );
}

function deadlineAfterTarget(drill: Drill): Sense[] {
  const { deadline } = drill.recover;
  const { rto } = drill.targets;
  if (deadline === undefined || deadline >= rto) return [];
  const target = formatDuration(rto);
  const message = `the deadline ends the measurement before the target of ${target} is reached`;
  return [error(['recover', 'deadline'], message)];
}

function recoveryIsPossible(drill: Drill): Sense[] {
  const { declared_ms, moved_ms } = waitsOf(drill);
  const deadline = deadlineMs(drill);
  if (declared_ms + moved_ms < deadline) return [];
  const isDeclared = declared_ms < deadline;
  const takes = isDeclared ? withAnswers(declared_ms, moved_ms) : beforeDeclared(declared_ms);
  const end = `the deadline is ${formatDuration(deadline)} after the disaster`;
  const at = [
    ...(isDeclared ? [['topology', 'gslb', 'ttl']] : []),
    ...[['declare'], ['recover', 'deadline'], ['topology', 'gslb', 'every'], ['targets', 'rto']],
  ];
  const message = `nothing can be measured: ${takes}, and ${end}`;
  return [{ severity: 'error', at, part: 'value', message }];
}

function beforeDeclared(declared_ms: number): string {
  return `detection and declaration alone can take ${formatDuration(declared_ms)}`;
}

function withAnswers(declared_ms: number, moved_ms: number): string {
  if (declared_ms === 0) {
    return `the DNS answers that clients keep can last ${formatDuration(moved_ms)}`;
  }
  const answers = `the DNS answers that clients keep (ttl: ${formatDuration(moved_ms)})`;
  return `detection, declaration and ${answers} can take ${formatDuration(declared_ms + moved_ms)}`;
}

function targetIsPossible(drill: Drill): Sense[] {
  const { rto, rto_from } = drill.targets;
  const { declared_ms, moved_ms } = waitsOf(drill);
  const before_ms = rto_from === 'fault' ? declared_ms : 0;
  if (rto >= before_ms + moved_ms) return [];
  const takes = rto < before_ms ? beforeDeclared(before_ms) : withAnswers(before_ms, moved_ms);
  const message = `${takes}, longer than the target; expect this drill to fail`;
  return [warning([['targets', 'rto']], message)];
}

function zeroLossNeedsSync(drill: Drill): Sense[] {
  const { targets, topology } = drill;
  // Nothing is under way to be lost where nothing is torn away.
  if (effectOf(disasterOf(drill).fault, drill).region === 'untouched') return [];
  const { mode } = topology.replication;
  const { hasBackups, second } = STRATEGY_FACTS[topology.strategy];
  const { wal = 'archive' } = topology.backup ?? {};
  if (hasBackups ? wal === 'receive-sync' : mode === 'sync') return [];
  const luck = hasBackups
    ? `zero loss with wal: ${wal} is luck: what was not handed over yet is lost`
    : 'zero loss with async replication is luck: what was not replicated yet is lost';
  const cure = hasBackups
    ? 'backup: { wal: receive-sync } keeps it'
    : second === 'active'
      ? 'with active-active nothing keeps it but a return of the region: failback: true'
      : 'replication: { mode: sync } keeps it';
  const message = `${luck}; ${cure}`;
  const paths = [
    ...(targets.rpo === 0 ? [['targets', 'rpo']] : []),
    ...(targets.lost_writes === 0 ? [['targets', 'lost_writes']] : []),
  ];
  return paths.slice(0, 1).map((path) => warning([path], message));
}
