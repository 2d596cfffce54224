// Faults that wait for a condition, and faults that come more than once.
import { formatDuration } from '../../base/units.ts';
import { definitionOf } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from '../plan/clock.ts';
import { disasterOf } from '../plan/disaster.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { error, ofEachFault, rule, type Problem } from './rule.ts';

const WAIT = ['faults.*.at', 'faults.*.when', 'faults.*.wait_at_most'];

export const timingRules = [
  ofEachFault('waits-fit', ['topology.strategy', ...WAIT], waitsFit),
  rule('repeats-fit', ['faults', 'topology', 'disaster'], repeatsFit),
];

function waitsFit({ faults, topology }: Drill): Problem[] {
  return faults.flatMap(({ at, when, wait_at_most }, index): Problem[] => {
    if (when === undefined) {
      if (wait_at_most === undefined) return [];
      return [
        error(['faults', index, 'wait_at_most'], 'without `when` it waits for nothing', 'key'),
      ];
    }
    if (at.beforehand) {
      const message = 'what is there beforehand waits for nothing; say at: 0s, or leave `when` out';
      return [error(['faults', index, 'when'], message)];
    }
    const { strategy } = topology;
    if (when.metric !== 'replication_lag' || STRATEGY_FACTS[strategy].database === 'standby') {
      return [];
    }
    const message = `with ${strategy} there is no standby whose lag could be known`;
    return [error(['faults', index, 'when'], message)];
  });
}

function repeatsFit(drill: Drill): Problem[] {
  return drill.faults.flatMap((fault, index): Problem[] => {
    const { at, when, repeat, kind, for: lasts_ms } = fault;
    const wrong = (message: string) => [error(['faults', index, 'repeat'], message)];
    if (repeat === undefined) return [];
    if (at.beforehand) return wrong('what is there beforehand comes once');
    if (when !== undefined) return wrong('a fault that waits for a condition comes once');
    if (hasDisaster(drill) && disasterOf(drill).index === index) {
      return wrong('the disaster comes once; disaster: none has faults that come again');
    }
    if (definitionOf(kind).ends === null) return [];
    if (lasts_ms === undefined) return wrong('it has to end before it comes again: say for');
    if (lasts_ms < repeat.every) return [];
    const [lasts, every] = [lasts_ms, repeat.every].map(formatDuration);
    return wrong(`it lasts ${lasts} and would come again after ${every}, before it has ended`);
  });
}
