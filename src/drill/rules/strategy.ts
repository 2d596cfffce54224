// Which settings belong to which strategy, to which fault and to which recovery; what does not fit
// is said together with what would.
import { disasterOf, FAULT_FACTS, type FaultKey } from '../plan/fault-facts.ts';
import { notBuilt } from '../file/issues.ts';
import { recoveryOf } from '../plan/make-plan.ts';
import { STRATEGIES } from '../plan/registry-names.ts';
import type { FaultKind } from '../plan/registry-names.ts';
import type { Drill } from '../file/schema.ts';
import { error } from './rule.ts';
import type { Check, Sense } from './rule.ts';
import { RECOVERY_FITS, STRATEGY_FACTS } from '../plan/strategies.ts';

export const strategyChecks: readonly Check[] = [
  { uses: ['topology'], find: backupsBelong },
  { uses: ['topology'], find: replicationFits },
  { uses: ['topology'], find: regionsFit },
  { uses: ['topology', 'workload.updates'], find: updatesFit },
  { uses: ['faults'], find: keysBelong },
  { uses: ['faults', 'topology'], find: conditionsFit },
  { uses: ['faults', 'topology.strategy', 'recover.with'], find: recoveryFits },
  { uses: ['faults', 'recover'], find: targetBelongs },
  { uses: ['faults', 'declare'], find: somebodyNotices },
  { uses: ['faults', 'topology.strategy'], find: silenceEnds },
  { uses: ['faults', 'topology.strategy', 'topology.regions'], find: disasterIsOne },
  { uses: ['faults', 'topology.strategy', 'failback'], find: failbackHasUse },
  { uses: ['faults', 'topology.redis', 'failback'], find: redisStaysBehind },
];

function backupsBelong({ topology: { strategy, backup } }: Drill): Sense[] {
  if (backup === undefined) return [];
  const at = ['topology', 'backup'];
  if (!STRATEGY_FACTS[strategy].hasBackups) {
    const fitting = STRATEGIES.filter((each) => STRATEGY_FACTS[each].hasBackups).join(', ');
    const message = `${strategy} recovers from a replica and keeps no backups; ${fitting} does`;
    return [error(at, message, 'key')];
  }
  if (backup.archive_timeout === undefined || backup.wal === 'archive') return [];
  const message = `wal: ${backup.wal} streams the log as it is written; only archive waits`;
  return [error([...at, 'archive_timeout'], message, 'key')];
}

function replicationFits({ topology }: Drill): Sense[] {
  const { strategy, replication, redis } = topology;
  const { database } = STRATEGY_FACTS[strategy];
  const found: Sense[] = [];
  if (replication.mode === 'sync' && database !== 'standby') {
    const why =
      database === 'none'
        ? 'there is no standby; topology.backup: { wal: receive-sync } waits for the receiver'
        : 'two regions that both take writes replicate asynchronously';
    const message = `mode: sync waits for a standby, and with ${strategy} ${why}`;
    found.push(error(['topology', 'replication', 'mode'], message));
  }
  if (redis !== undefined && database !== 'standby') {
    const message = `with ${strategy} Redis has no replica; warm-standby and pilot-light have one`;
    found.push(error(['topology', 'redis'], message, 'key'));
  }
  return found;
}

function regionsFit({ topology }: Drill): Sense[] {
  const { strategy, regions } = topology;
  const { hasApp, second } = STRATEGY_FACTS[strategy];
  return Object.entries(regions).flatMap(([name, { role, app, weight }]) => {
    const at = ['topology', 'regions', name];
    const found: Sense[] = [];
    if (role === 'standby' && !hasApp && app.instances !== undefined) {
      const message =
        `with ${strategy} no app runs in ${name} before the recovery; ` +
        'recover.instances says how many it starts';
      found.push(error([...at, 'app', 'instances'], message, 'key'));
    }
    if (weight !== undefined && second === 'standby') {
      const message = `with ${strategy} one region serves all clients; active-active spreads them`;
      found.push(error([...at, 'weight'], message, 'key'));
    }
    return found;
  });
}

function updatesFit({ topology: { strategy }, workload }: Drill): Sense[] {
  if (workload.updates === 0 || STRATEGY_FACTS[strategy].second === 'active') return [];
  const message = `shared rows show what two writing regions do to each other; ${strategy} has one`;
  return [error(['workload', 'updates'], message)];
}

const KEYS: readonly FaultKey[] = [
  ...(['region', 'how', 'disks', 'heal_after'] as const),
  ...(['link', 'latency', 'statement', 'share'] as const),
];

function keysBelong({ faults }: Drill): Sense[] {
  return faults.flatMap((fault, index) => {
    const { keys } = FAULT_FACTS[fault.kind];
    const strangers = KEYS.filter((key) => fault[key] !== undefined && !keys.includes(key));
    const found = strangers.map((key) => {
      const message = `${fault.kind} has no ${key}; it has ${keys.join(', ')}`;
      return error(['faults', index, key], message, 'key');
    });
    if (fault.disks !== 'destroyed' || (fault.how ?? 'kill') === 'kill') return found;
    const message = `how: ${fault.how} leaves the region alive, with its disks`;
    return [...found, error(['faults', index, 'disks'], message)];
  });
}

/** What is broken must be there. */
function conditionsFit({ faults, topology }: Drill): Sense[] {
  const { hasBackups } = STRATEGY_FACTS[topology.strategy];
  const { wal = 'archive' } = topology.backup ?? {};
  return faults.flatMap(({ kind, at }, index) => {
    const { needs } = FAULT_FACTS[kind];
    if (needs.includes('backups') && !hasBackups) {
      const message = `${kind} needs backups to tell of, and ${topology.strategy} keeps none`;
      return [error(['faults', index, 'kind'], `${message}; backup-restore does`)];
    }
    if (needs.includes('archive') && wal !== 'archive') {
      const message = `with wal: ${wal} nothing is archived; with wal: archive it is`;
      return [error(['faults', index, 'kind'], message)];
    }
    if (!at.beforehand) return [];
    const isDisaster = index === disasterOf(faults).index && isRiddenOut(kind, topology);
    const message = beforehandFails(kind, isDisaster);
    return message === null ? [] : [error(['faults', index, 'at'], message)];
  });
}

function beforehandFails(kind: FaultKind, isDisaster: boolean): string | null {
  if (!FAULT_FACTS[kind].isCondition) {
    return `without service there is no steady state: ${kind} needs a time after it`;
  }
  return isDisaster
    ? `a disaster that came before the steady state shows nothing; ${kind} ` +
        'needs a time after it, or a fault to be the disaster'
    : null;
}

function recoveryFits(drill: Drill): Sense[] {
  const { faults, topology, recover } = drill;
  const { strategy } = topology;
  const own = recoveryOf(drill);
  const { fault, index } = disasterOf(faults);
  const { kind } = fault;
  if (!RECOVERY_FITS[own].includes(strategy)) {
    // What lacks backups is told of them, not of the recovery from them; a condition, of itself.
    if (kind === 'corrupt-data' || FAULT_FACTS[kind].isCondition) return [];
    const message = `${kind} is answered with ${own}, which does not fit ${strategy} but `;
    return [error(['faults', index, 'kind'], message + RECOVERY_FITS[own].join(', '))];
  }
  const { with: asked = own } = recover;
  if (asked === own) return [];
  const message = RECOVERY_FITS[asked].includes(strategy)
    ? `after these faults only ${own} makes sense, not ${asked}`
    : `${asked} does not fit ${strategy}; after these faults ${own} does`;
  return [error(['recover', 'with'], message)];
}

function targetBelongs(drill: Drill): Sense[] {
  const { with: name = recoveryOf(drill), target } = drill.recover;
  if (target === undefined || name === 'restore-to-point') return [];
  const message = `${name} replays all the log there is; a target belongs to restore-to-point`;
  return [error(['recover', 'target'], message, 'key')];
}

/** The one condition that can be a disaster: two regions that serve go on without each other. */
function isRiddenOut(kind: FaultKind, { strategy }: Drill['topology']): boolean {
  return kind === 'cut-link' && STRATEGY_FACTS[strategy].second === 'active';
}

/** What is only ridden out must end by itself. */
function silenceEnds({ faults, topology }: Drill): Sense[] {
  const { fault, index } = disasterOf(faults);
  if (!isRiddenOut(fault.kind, topology) || fault.heal_after !== undefined) return [];
  const message = 'nothing but its end can be waited for: say when, with heal_after';
  return [error(['faults', index], message)];
}

function disasterIsOne({ faults, topology }: Drill): Sense[] {
  const { strategy, regions } = topology;
  const { fault, index } = disasterOf(faults);
  const { kind } = fault;
  if (!FAULT_FACTS[kind].isCondition || isRiddenOut(kind, topology)) return [];
  const [region] = Object.entries(regions).find(([, { role }]) => role === 'active') ?? ['east'];
  const elsewhere = kind === 'cut-link' ? ' (active-active rides it out)' : '';
  const message =
    `with ${strategy} ${kind} is a condition and no disaster${elsewhere}: nothing recovers from ` +
    `it; add the disaster that it makes worse, such as { at: 5s, kind: lose-region, ` +
    `region: ${region} }`;
  return [error(['faults', index, fault.disaster ? 'disaster' : 'kind'], message)];
}

/** What is ridden out loses nothing that could be taken back. */
function failbackHasUse({ faults, topology, failback }: Drill): Sense[] {
  if (!failback || !isRiddenOut(disasterOf(faults).fault.kind, topology)) return [];
  const message =
    'no region is lost and no client moved for good where a link is ridden out, so there is ' +
    'nothing to take back; leave failback out';
  return [error(['failback'], message)];
}

function redisStaysBehind({ topology, faults, failback }: Drill): Sense[] {
  if (topology.redis === undefined) return [];
  const at = faults.findIndex(({ kind }) => kind === 'maintenance');
  const what = 'the planned move of a second store';
  if (at >= 0) return [error(['faults', at, 'kind'], notBuilt(what))];
  return failback ? [error(['failback'], notBuilt(what))] : [];
}

function somebodyNotices({ faults, declare }: Drill): Sense[] {
  const isUnseen = faults.some(({ kind }) => kind === 'corrupt-data');
  if (!isUnseen || declare.by !== 'automatic') return [];
  const message =
    'no health check sees that data was harmed; say how long it takes somebody: ' +
    'declare: after 2s, operator or a command';
  return [error(['declare'], message)];
}
