// Whether the runtime of a drill file can do what its faults and its recovery ask for.
import { ABILITIES, type Ability } from '../ability.ts';
import { definitionOf, type DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { runtimeNamed, type Runtimes } from '../file/runtimes.ts';
import { OWN_SYSTEM } from '../names.ts';
import { outcomeOf, replicationEnds } from '../plan/disaster.ts';
import { recoveryOf } from '../plan/make-plan.ts';
import { replicationLink } from '../plan/plan.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import { error, ofEachFault, type Place, type Problem } from './rule.ts';

const ABLE = ['runtime', 'topology', 'recover.with'];

export const abilityRules = [
  ofEachFault('runtime-is-able', [...ABLE, 'faults.*'], lackingAbilities),
];

/** What the runtime cannot do, by the faults and then by the recovery. */
function lackingAbilities(drill: Drill, runtimes: Runtimes): Problem[] {
  const runtime = runtimeNamed(drill.runtime);
  const { system, strategy, data } = drill.topology;
  // Without a system there is nothing that could be asked.
  if (!runtimes[runtime].makesSystem && system === undefined) return [];
  const lacks = (needs: readonly Ability[], what: string, at: Place): Problem[] => {
    const lacking = needs.filter((need) => !runtimes[runtime].gives.includes(need));
    return lacking.map((need) => {
      const others = Object.entries(runtimes).filter(([, { gives }]) => gives.includes(need));
      // A system of somebody's own is no way out for one that drill makes.
      const labs = others.filter(([, { makesSystem }]) => makesSystem);
      const ways = labs.length > 0 ? labs : others;
      const names = ways.map(([name]) => `runtime: ${name}`).join(' or ');
      const cure = names === '' ? 'no runtime has it' : `use ${names}`;
      const needed = `${what} needs ${ABILITIES[need]}`;
      const why = runtimes[runtime].lacks[need];
      const lacking = `which the runtime ${runtime} has not${why === undefined ? '' : `: ${why}`}`;
      return error(at, `${needed}, ${lacking}; ${cure}`);
    });
  };
  const ofFaults = drill.faults.flatMap((fault, index) => {
    const what = `${fault.kind} of ${hitBy(fault, drill)}`;
    return lacks(outcomeOf(fault, drill).needs, what, ['faults', index, 'kind']);
  });
  const { with: name = recoveryOf(drill) } = drill.recover;
  // That of a system which is missing too is nobody's word.
  const isStated = drill.recover.with !== undefined;
  const isMeant = isStated || system !== undefined || strategy !== OWN_SYSTEM;
  const at = [['recover', 'with'], ['runtime'], ['topology', 'strategy']];
  const ofData =
    data === undefined ? [] : lacks(['own-data'], 'topology.data', ['topology', 'data']);
  const needs = isMeant ? recoveryNamed(name).needs : [];
  return [...ofFaults, ...ofData, ...lacks(needs, `the recovery ${name}`, at)];
}

/** What a fault hits, in words. */
function hitBy({ kind, region, node, link }: DrillFault, drill: Drill): string {
  const [from, to] = replicationEnds(drill);
  switch (definitionOf(kind).target) {
    case 'region':
      return `region ${region ?? from}`;
    case 'node':
      return `node ${node}`;
    case 'link':
      return `link ${link ?? replicationLink({ from, to })}`;
    case 'primary':
      return `the primary in ${from}`;
    case 'standby':
      return `the standby in ${to}`;
    case 'gslb':
      return 'the GSLB';
    case 'operators':
      return 'the operators';
  }
}
