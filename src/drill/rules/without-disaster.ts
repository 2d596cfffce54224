// What makes sense in a drill with `disaster: none`: faults that end or can be lived with, and
// targets that speak of what clients saw.
import { formatDuration } from '../../base/units.ts';
import { definitionOf } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { beginsByMs, effectOf } from '../plan/disaster.ts';
import { hasDisaster } from '../plan/clock.ts';
import { recoveryNamed, RECOVERY_NAMES } from '../recovery/registry.ts';
import { error, rule, withoutDisaster, type Problem, type Rule } from './rule.ts';

const GATES_WITHOUT = 'availability, p99_latency, errors, lost_writes, steady_within';
/** Targets that count from a disaster, or from what recovers from it. */
const OF_DISASTERS = ['rto', 'rpo', 'failback_rto', 'rto_regression'] as const;

const TARGETS_OF_DISASTERS = OF_DISASTERS.map((key) => `targets.${key}`);
const SETTINGS = ['recover.with', 'recover.deadline', 'failback', 'expect', 'disaster'];

export const rulesWithoutDisaster: readonly Rule[] = [
  rule('steady-within-belongs', ['targets', 'disaster'], steadyWithinBelongs),
  ...withoutDisaster([
    rule('targets-without-disaster', ['disaster', ...TARGETS_OF_DISASTERS], targetsFit),
    rule('faults-without-disaster', ['faults', 'topology', 'disaster'], faultsFit),
    rule('standby-is-released', ['faults', 'topology', 'declare', 'recover.with'], releaseFits),
    rule('settings-without-disaster', SETTINGS, settingsFit),
  ]),
];

function steadyWithinBelongs(drill: Drill): Problem[] {
  if (drill.targets.steady_within === undefined || !hasDisaster(drill)) return [];
  const message =
    'it counts from the end of the faults, and this drill has a disaster: rto counts from it; ' +
    'steady_within belongs to disaster: none';
  return [error(['targets', 'steady_within'], message, 'key')];
}

function targetsFit({ targets }: Drill): Problem[] {
  const stated = OF_DISASTERS.filter((key) => targets[key] !== undefined);
  return stated.map((key) => {
    const message = `with disaster: none nothing is recovered from; it has ${GATES_WITHOUT}`;
    return error(['targets', key], message, 'key');
  });
}

function faultsFit(drill: Drill): Problem[] {
  const { faults } = drill;
  if (faults.every(({ at }) => at.beforehand)) {
    const message =
      'what is there beforehand is part of the steady state: without a fault after it there is ' +
      'nothing to see';
    return [error(['faults', 0, 'at'], message)];
  }
  return faults.flatMap((fault, index): Problem[] => {
    const { kind, disaster, for: lasts_ms } = fault;
    if (disaster === true) {
      return [error(['faults', index, 'disaster'], 'with disaster: none no fault is one')];
    }
    const { service, data, heals } = effectOf(fault, drill);
    if (data === 'harmed') {
      const message = `what ${kind} does has to be recovered from; leave disaster: none out`;
      return [error(['faults', index, 'kind'], message)];
    }
    if (service !== 'lost' || (heals && lasts_ms !== undefined)) return [];
    const [cure, at] = heals
      ? ['say how long it lasts, with for', ['faults', index]]
      : [`${definitionOf(kind).ends === null ? kind : 'it'} never ends`, ['faults', index, 'kind']];
    const message = `it takes service away, and nothing brings it back (disaster: none): ${cure}`;
    return [error(at, message)];
  });
}

function settingsFit({ recover, failback, expect }: Drill): Problem[] {
  const found: Problem[] = [];
  const fitting = RECOVERY_NAMES.filter((name) => recoveryNamed(name).withoutDisaster);
  if (recover.with !== undefined && !fitting.includes(recover.with)) {
    const message = `with disaster: none no service is moved; there ${fitting.join(', ')} fit`;
    found.push(error(['recover', 'with'], message));
  }
  if (recover.deadline !== undefined) {
    const message =
      'it counts from a disaster; with disaster: none targets.steady_within says how soon the ' +
      'steady state is to be back, and twice that is waited for it';
    found.push(error(['recover', 'deadline'], message, 'key'));
  }
  if (failback) {
    found.push(error(['failback'], 'with disaster: none no service is moved that could go back'));
  }
  if (expect === 'ride-out') {
    const message = 'with disaster: none nothing else is expected; leave expect out';
    found.push(error(['expect'], message));
  }
  return found;
}

/** Of a recovery that has commits wait for no standby until it follows again. */
function releaseFits(drill: Drill): Problem[] {
  const { recover, topology, faults, declare } = drill;
  const name = recover.with;
  if (name === undefined || !recoveryNamed(name).needs.includes('replication')) return [];
  if (topology.replication.mode !== 'sync') {
    const message = 'no commit waits for a standby; topology: { replication: { mode: sync } } has';
    return [error(['recover', 'with'], `${message} them wait`)];
  }
  if (faults.every((fault) => fault.for === undefined)) {
    const cure = 'say when the fault ends, with for';
    return [error(['faults', 0], `${name} lasts until the standby follows again: ${cure}`)];
  }
  const first_ms = Math.min(...faults.map(({ at }) => at.from_ms));
  const ends = faults.map((fault) => beginsByMs(fault) + (fault.for ?? 0));
  const lasts_ms = Math.max(...ends) - first_ms;
  if (declare.by !== 'after' || declare.after_ms < lasts_ms) return [];
  const message = `all faults have ended ${formatDuration(lasts_ms)} after the first one began`;
  return [error(['declare'], `${message}: by then there is nothing to release`)];
}
