// Whether regions fit the strategy, and whether links and faults name what is there.
import { didYouMean, guessHint } from '../../base/closest.ts';
import { formatDuration } from '../../base/units.ts';
import { definitionOf } from '../fault/registry.ts';
import { notBuilt } from '../file/issues.ts';
import type { Drill } from '../file/schema.ts';
import { disasterOf, replicationEnds } from '../plan/disaster.ts';
import { instancesOf } from '../plan/make-plan.ts';
import { hasDisaster } from '../plan/clock.ts';
import { edgeLink } from '../plan/plan.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { error, ofEachFault, ofLabs, rule, warning, type Problem } from './rule.ts';

const HIT = ['faults.*.kind'];
const NODES = ['topology.regions', 'topology.strategy', 'topology.redis'];

export const regionRules = [
  ...ofLabs([
    rule('regions-fit-strategy', ['topology.regions', 'topology.strategy'], regionsFitStrategy),
    rule('links-are-known', ['topology.regions', 'topology.links'], linksAreKnown),
    ofEachFault('faults-hit-nodes', [...NODES, ...HIT, 'faults.*.node'], faultsHitNodes),
    ofEachFault('faults-hit-links', ['topology.regions', ...HIT, 'faults.*.link'], faultsHitLinks),
  ]),
  ofEachFault('faults-hit-regions', ['topology.regions', ...HIT, 'faults.*.region'], hitRegions),
  rule('regions-can-be-lost', ['topology', 'faults', 'disaster'], regionsCanBeLost),
];

function regionsFitStrategy({ topology }: Drill): Problem[] {
  const at = ['topology', 'regions'];
  const regions = Object.entries(topology.regions);
  if ('clients' in topology.regions) {
    const message = 'no region can be called clients: that is who is at the end of an edge link';
    return [error([...at, 'clients'], message, 'key')];
  }
  if (regions.length > 2) return [error([...at, regions[2]![0]], notBuilt('a third region'))];
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
  const [from, to] = replicationEnds({ topology });
  const regions = Object.keys(topology.regions);
  const known = [`${from}-${to}`, ...regions.map(edgeLink)];
  if (known.includes(name)) return null;
  const isReversed = name === `${to}-${from}`;
  const hint = isReversed ? didYouMean(`${from}-${to}`) : guessHint(name, known);
  return `no such link${hint || '.'} There are ${known.join(', ')}`;
}

function faultsHitLinks(drill: Drill): Problem[] {
  return drill.faults.flatMap(({ link }, index) => {
    const message = link === undefined ? null : unknownLink(drill, link);
    return message === null ? [] : [error(['faults', index, 'link'], message)];
  });
}

/** A node that is only started by a recovery is none that a fault can hit. */
function faultsHitNodes(drill: Drill): Problem[] {
  const { topology, faults } = drill;
  const { database } = STRATEGY_FACTS[topology.strategy];
  const [, second] = replicationEnds(drill);
  const known = Object.entries(topology.regions).flatMap(([region, planned]) => {
    const hasStores = region !== second || database !== 'none';
    const stores = topology.redis === undefined ? ['postgres'] : ['postgres', 'redis'];
    const apps = Array.from(
      { length: instancesOf(planned, topology.strategy) },
      (_, at) => `app-${at + 1}`,
    );
    return [...(hasStores ? stores : []), ...apps].map((part) => `${region}/${part}`);
  });
  return faults.flatMap(({ node }, index) => {
    if (node === undefined || known.includes(node)) return [];
    const hint = guessHint(node, known) || '.';
    const message = `no such node${hint} There are ${known.join(', ')}`;
    return [error(['faults', index, 'node'], message)];
  });
}

function linksAreKnown(drill: Drill): Problem[] {
  const found: Problem[] = [];
  for (const [name, link] of Object.entries(drill.topology.links)) {
    const at = ['topology', 'links', name];
    const message = unknownLink(drill, name);
    if (message !== null) {
      found.push(error(at, message, 'key'));
    } else if (link.jitter > link.latency) {
      const message =
        `the jitter is larger than the latency (${formatDuration(link.latency)}); ` +
        'no delay is below zero';
      found.push(warning([...at, 'jitter'], message));
    }
  }
  return found;
}

function hitRegions(drill: Drill): Problem[] {
  const { topology, faults } = drill;
  const names = Object.keys(topology.regions);
  return faults.flatMap(({ kind, region }, index) => {
    const at = ['faults', index, 'region'];
    if (region === undefined) {
      if (definitionOf(kind).target !== 'region') return [];
      return [error(['faults', index], `${kind} needs a region: ${names.join(' or ')}`)];
    }
    if (!Object.hasOwn(topology.regions, region)) {
      const listed = guessHint(region, names) || `; there are ${names.join(' and ')}`;
      return [error(at, `there is no region ${JSON.stringify(region)}${listed}`)];
    }
    return [];
  });
}

function regionsCanBeLost(drill: Drill): Problem[] {
  if (!hasDisaster(drill)) return [];
  return drill.faults.flatMap(({ region }, index) => {
    const at = ['faults', index, 'region'];
    if (region === undefined || !Object.hasOwn(drill.topology.regions, region)) return [];
    const message = cannotBeLost(drill, region, index === disasterOf(drill).index);
    return message === null ? [] : [error(at, message)];
  });
}

/** Why nothing recovers from the loss of a region; null: something does. */
function cannotBeLost({ topology }: Drill, region: string, isDisaster: boolean): string | null {
  if (topology.regions[region]!.role === 'standby') {
    const message = `${region} is the standby: without it there is nothing to promote`;
    return `${message}; lose the active region, or say disaster: none`;
  }
  const [first, second] = replicationEnds({ topology });
  const isTakenOver = STRATEGY_FACTS[topology.strategy].second === 'active';
  if (!isTakenOver || !isDisaster || region !== second) return null;
  return (
    `with ${topology.strategy} the second region takes over from the first one, and ${region} ` +
    `is the second: lose ${first}, or put ${region} before ${first} in topology.regions`
  );
}
