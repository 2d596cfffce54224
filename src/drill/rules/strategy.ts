// Which settings belong to which strategy, fault and recovery, and what would fit instead.
import { definitionOf, FAULT_KINDS, type FaultKind } from '../fault/registry.ts';
import { disasterOf, isCircumstance, outcomeOf } from '../plan/disaster.ts';
import { notBuilt } from '../file/issues.ts';
import { recoveryOf } from '../plan/make-plan.ts';
import { STRATEGIES, type Strategy } from '../names.ts';
import type { Drill } from '../file/schema.ts';
import {
  RECOVERY_NAMES,
  RECOVERY_SETTINGS,
  recoveryNamed,
  type RecoveryName,
} from '../recovery/registry.ts';
import { error, ofEachFault, ofDisasters, ofLabs, rule, warning, type Problem } from './rule.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';

export const strategyRules = [
  ...ofLabs([
    rule('backups-belong', ['topology'], backupsBelong),
    rule('prices-suffice', ['topology', 'cost'], pricesSuffice),
    rule('replication-fits', ['topology'], replicationFits),
    rule('regions-fit', ['topology'], regionsFit),
    rule('updates-fit', ['topology', 'workload.updates'], updatesFit),
  ]),
  ofEachFault('settings-fit', ['faults.*'], settingsFit),
  rule('faults-fit', ['faults', 'topology'], faultsFit),
  rule('settings-belong', ['faults', 'recover'], settingsBelong),
  ...ofDisasters([
    rule('recovery-fits', ['faults', 'topology.strategy', 'recover.with'], recoveryFits),
    rule('somebody-notices', ['faults', 'declare'], somebodyNotices),
    rule('silence-ends', ['faults', 'topology.strategy'], silenceEnds),
    rule('disaster-is-one', ['faults', 'topology.strategy', 'topology.regions'], disasterIsOne),
    rule('failback-has-use', ['faults', 'topology.strategy', 'failback'], failbackHasUse),
  ]),
  rule('redis-stays-behind', ['faults', 'topology.redis', 'failback'], redisStaysBehind),
];

function backupsBelong({ topology: { strategy, backup } }: Drill): Problem[] {
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

/** What lacks for a figure in money is said before the drill, not after it. */
function pricesSuffice({ topology, cost }: Drill): Problem[] {
  if (cost === undefined) return [];
  const { strategy, backup, redis } = topology;
  const found: Problem[] = [];
  if (STRATEGY_FACTS[strategy].hasBackups) {
    const intervals = { backup_every: '24h', segment_every: '5m' } as const;
    const isArchived = (backup?.wal ?? 'archive') === 'archive';
    const missing = (['backup_every', 'segment_every'] as const).filter(
      (key) => cost[key] === undefined && (key === 'backup_every' || isArchived),
    );
    if (missing.length > 0) {
      const stated = missing.map((key) => `${key}: ${intervals[key]}`).join(', ');
      const message =
        'there will be no figure in money: a drill takes backups far more often than a real ' +
        `system; say how often yours does, such as cost: { ${stated} }`;
      found.push(warning(['cost'], message));
    }
  }
  const { instance_hour: price } = cost;
  if (redis !== undefined && typeof price === 'object' && price.redis === undefined) {
    const message = 'there will be no figure in money: topology.redis is there and has no price';
    found.push(warning(['cost', 'instance_hour'], message));
  }
  return found;
}

function replicationFits({ topology }: Drill): Problem[] {
  const { strategy, replication, redis } = topology;
  const { database } = STRATEGY_FACTS[strategy];
  const found: Problem[] = [];
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

function regionsFit({ topology }: Drill): Problem[] {
  const { strategy, regions } = topology;
  const { hasApp, second } = STRATEGY_FACTS[strategy];
  return Object.entries(regions).flatMap(([name, { role, app, weight }]) => {
    const at = ['topology', 'regions', name];
    const found: Problem[] = [];
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

function updatesFit({ topology: { strategy }, workload }: Drill): Problem[] {
  if (workload.updates === 0 || STRATEGY_FACTS[strategy].second === 'active') return [];
  const message = `shared rows show what two writing regions do to each other; ${strategy} has one`;
  return [error(['workload', 'updates'], message)];
}

/** What a fault says of its own settings. */
function settingsFit({ faults }: Drill): Problem[] {
  return faults.flatMap((fault, index) => {
    const found = definitionOf(fault.kind).problems?.(fault) ?? [];
    return found.map(({ key, message }) => error(['faults', index, key], message));
  });
}

/** What is broken must be there. */
function faultsFit(drill: Drill): Problem[] {
  const { faults, topology } = drill;
  const { hasBackups } = STRATEGY_FACTS[topology.strategy];
  const { wal = 'archive' } = topology.backup ?? {};
  return faults.flatMap((fault, index) => {
    const { kind, at } = fault;
    const { needs, effect } = outcomeOf(fault, drill);
    if (needs.includes('backups') && !hasBackups) {
      const message = `${kind} needs backups to tell of, and ${topology.strategy} keeps none`;
      return [error(['faults', index, 'kind'], `${message}; backup-restore does`)];
    }
    if (needs.includes('archive') && wal !== 'archive') {
      const message = `with wal: ${wal} nothing is archived; with wal: archive it is`;
      return [error(['faults', index, 'kind'], message)];
    }
    if (!at.beforehand) return [];
    if (!isCircumstance(effect)) {
      const message = `without service there is no steady state: ${kind} needs a time after it`;
      return [error(['faults', index, 'at'], message)];
    }
    if (index !== disasterOf(drill).index || !isAnswered(kind, topology)) return [];
    const message =
      `a disaster that came before the steady state shows nothing; ${kind} needs a time after ` +
      'it, or a fault to be the disaster';
    return [error(['faults', index, 'at'], message)];
  });
}

function recoveryFits(drill: Drill): Problem[] {
  const { topology, recover } = drill;
  const { strategy } = topology;
  const own = recoveryOf(drill);
  const { fault, index, effect, needs } = disasterOf(drill);
  const { kind } = fault;
  if (!recoveryNamed(own).fits.includes(strategy)) {
    // What lacks backups is told of them, not of the recovery from them; a circumstance, of itself.
    if (needs.includes('backups') || isCircumstance(effect)) return [];
    const message = `${kind} is answered with ${own}, which does not fit ${strategy} but `;
    return [error(['faults', index, 'kind'], message + recoveryNamed(own).fits.join(', '))];
  }
  const { with: asked = own } = recover;
  if (recoveryNamed(asked).withoutDisaster) {
    const message = `${asked} is for disaster: none; after these faults ${own} makes sense`;
    return [error(['recover', 'with'], message)];
  }
  if (asked === own || isAnyAnswer(kind, asked, strategy)) return [];
  const message = recoveryNamed(asked).fits.includes(strategy)
    ? `after these faults only ${own} makes sense, not ${asked}`
    : `${asked} does not fit ${strategy}; after these faults ${own} does`;
  return [error(['recover', 'with'], message)];
}

/** Whether a recovery that fits the strategy is for faults of no kind in particular, as this is. */
function isAnyAnswer(kind: FaultKind, asked: RecoveryName, strategy: Strategy): boolean {
  const answers = FAULT_KINDS.map((each) => definitionOf(each).recovery);
  const isForAny = definitionOf(kind).recovery === undefined && !answers.includes(asked);
  return isForAny && recoveryNamed(asked).fits.includes(strategy);
}

/** A setting of one recovery that is stated for another. */
function settingsBelong(drill: Drill): Problem[] {
  const { with: name = recoveryOf(drill), ...stated } = drill.recover;
  const own = recoveryNamed(name).settings;
  return Object.keys(RECOVERY_SETTINGS).flatMap((key) => {
    if (!Object.hasOwn(stated, key) || Object.hasOwn(own, key)) return [];
    const whose = RECOVERY_NAMES.filter((each) => key in recoveryNamed(each).settings).join(', ');
    const message = `${name} has no ${key}; it belongs to ${whose}`;
    return [error(['recover', key], message, 'key')];
  });
}

/** Whether a circumstance can be a disaster: it has its own recovery, which fits the strategy. */
function isAnswered(kind: FaultKind, { strategy }: Drill['topology']): boolean {
  const { recovery } = definitionOf(kind);
  return recovery !== undefined && recoveryNamed(recovery).fits.includes(strategy);
}

/** Whether two regions that serve go on without each other until it is over. */
function isRiddenOut(drill: Drill): boolean {
  const { fault, effect } = disasterOf(drill);
  return isCircumstance(effect) && isAnswered(fault.kind, drill.topology);
}

/** What is only ridden out must end by itself. */
function silenceEnds(drill: Drill): Problem[] {
  const { fault, index } = disasterOf(drill);
  if (!isRiddenOut(drill) || fault.for !== undefined) return [];
  const message = 'nothing but its end can be waited for: say when, with for';
  return [error(['faults', index], message)];
}

function disasterIsOne(drill: Drill): Problem[] {
  const { strategy, regions } = drill.topology;
  const { fault, index, effect } = disasterOf(drill);
  const { kind } = fault;
  if (!isCircumstance(effect) || isRiddenOut(drill)) return [];
  const [region] = Object.entries(regions).find(([, { role }]) => role === 'active') ?? ['east'];
  const { recovery } = definitionOf(kind);
  const fitting = recovery === undefined ? [] : recoveryNamed(recovery).fits;
  const elsewhere = fitting.length === 0 ? '' : ` (${fitting.join(', ')} rides it out)`;
  const message =
    `with ${strategy} ${kind} is no disaster by itself${elsewhere}: nothing recovers from ` +
    `it; add the disaster that it makes worse, such as { at: 5s, kind: lose-region, ` +
    `region: ${region} }`;
  return [error(['faults', index, fault.disaster ? 'disaster' : 'kind'], message)];
}

/** What is ridden out loses nothing that could be taken back. */
function failbackHasUse(drill: Drill): Problem[] {
  if (!drill.failback || !isRiddenOut(drill)) return [];
  const message =
    'no region is lost and no client moved for good where a link is ridden out, so there is ' +
    'nothing to take back; leave failback out';
  return [error(['failback'], message)];
}

function redisStaysBehind({ topology, faults, failback }: Drill): Problem[] {
  if (topology.redis === undefined) return [];
  const at = faults.findIndex(({ kind }) => definitionOf(kind).recovery === 'switch-over');
  const what = 'the planned move of a second store';
  if (at >= 0) return [error(['faults', at, 'kind'], notBuilt(what))];
  return failback ? [error(['failback'], notBuilt(what))] : [];
}

function somebodyNotices(drill: Drill): Problem[] {
  const { fault, effect } = disasterOf(drill);
  // They look at nodes, and not into what a store holds.
  const isUnseen = !isCircumstance(effect) && definitionOf(fault.kind).target === 'primary';
  if (!isUnseen || drill.declare.by !== 'automatic') return [];
  const what = effect.data === 'harmed' ? 'that data was harmed' : `what ${fault.kind} does`;
  const message =
    `no health check sees ${what}; say how long it takes somebody: ` +
    'declare: after 2s, operator or a command';
  return [error(['declare'], message)];
}
