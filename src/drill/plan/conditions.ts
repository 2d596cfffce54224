// The conditions under which a drill measures, in words that can be compared between drills.
import { clientsPhrase } from '../attached/clients.ts';
import { quantity, type GateDefinition } from '../gate/gate.ts';
import { GATES } from '../gate/registry.ts';
import { targetOf } from '../gate/targets.ts';
import { writeDuration, writePercent, writeRate, writeSize } from '../../base/units.ts';
import { writeCondition } from '../condition.ts';
import {
  definitionOf,
  isOfOperators,
  withoutMoment,
  type PlannedFault,
} from '../fault/registry.ts';
import type { Plan, PlannedBackup, PlannedLink, PlannedGslb } from './plan.ts';
import type { Declaration } from '../file/schema.ts';
import { writeMaxLoss } from '../recovery/max-loss.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import { writeRetries } from '../recovery/retries.ts';
import { STRATEGY_FACTS } from './strategies.ts';

/**
 * By the keys of the drill file. What a file does not have is `none`; what its strategy has not, or
 * what of it is the strategy, is left out. Pure.
 */
export function conditionsOf(plan: Plan): ReadonlyMap<string, string> {
  const { workload, redis, gslb, sustain, links, recover, attached } = plan;
  const isScaled = recoveryNamed(recover.with).instances !== null;
  const within = sustain.within_ms === null ? '' : `, within ${writeDuration(sustain.within_ms)}`;
  const capacity = `${writePercent(sustain.capacity)} of the rate`;
  const service = `${writePercent(sustain.success)} at ${capacity}`;
  return new Map([
    ['targets', targetWords(plan)],
    ['seed', seedWords(plan)],
    ['workload.rate', writeRate(workload.rate_per_s)],
    ['workload.carts', redis === null ? 'none' : writeRate(redis.carts_per_s)],
    ['workload.writers', String(workload.writers)],
    ['workload.payload', writeSize(workload.payload_bytes)],
    ['workload.timeout', writeDuration(workload.timeout_ms)],
    ['workload.via', workload.via],
    ['workload.reads', writePercent(workload.reads)],
    ['workload.updates', writePercent(workload.updates)],
    ['workload.shared_rows', String(workload.shared_rows)],
    ['workload.seed_rows', String(workload.seed_rows)],
    ['steady.for', writeDuration(plan.steady.for_ms)],
    ['faults', plan.faults.map((fault) => faultWords(fault, plan)).join('; ')],
    ['declare', declareWords(plan.declare)],
    ['sustain', `${service} for ${writeDuration(sustain.for_ms)}${within}`],
    ...topologyConditions(plan),
    ...(isScaled ? [['recover.instances', String(recover.instances)] as const] : []),
    ['topology.links', linkWords(links)],
    ...(gslb === null ? [] : [['topology.gslb', gslbWords(gslb)] as const]),
    ...(attached === undefined
      ? []
      : [['topology.system.clients', clientsPhrase(attached.clients)] as const]),
    ...(recover.max_loss === undefined
      ? []
      : [
          [
            'recover.max_loss',
            `${writeMaxLoss(recover.max_loss)}, ${recover.max_loss.over}`,
          ] as const,
        ]),
    ...(recover.retries === undefined
      ? []
      : [['recover.retries', writeRetries(recover.retries)] as const]),
    ['stop_when', stopWords(plan)],
    ['cost', priceWords(plan.cost)],
  ]);
}

/** `rto 15 s, rpo 1 s, split_brain 0 writes` */
function targetWords({ targets }: Plan): string {
  return GATES.flatMap((gate: GateDefinition) => {
    const target = targetOf(gate, targets);
    return target === null ? [] : [`${gate.name} ${quantity(target, gate.unit)}`];
  }).join(', ');
}

/** What the two regions are made of, but for how much of the app stands in the second one. */
export function topologyConditions(plan: Plan): [string, string][] {
  const { regions, replication, backup, redis, strategy, data_bytes } = plan;
  const { database, second } = STRATEGY_FACTS[strategy];
  const rows = regions.flatMap(({ name, app, weight }): [string, string][] => {
    const at = `topology.regions.${name}`;
    const own: [string, string][] = [[`${at}.app.capacity`, writeRate(app.capacity_per_s)]];
    if (name === replication.from) own.push([`${at}.app.instances`, String(app.instances)]);
    if (second === 'active') own.push([`${at}.weight`, String(weight)]);
    return own;
  });
  if (data_bytes !== undefined) rows.push(['topology.data', writeSize(data_bytes)]);
  if (database === 'standby') rows.push(['topology.replication.mode', replication.mode]);
  if (backup !== null) rows.push(...backupConditions(backup));
  if (redis !== null) {
    rows.push(['topology.redis.appendonly', redis.appendonly]);
    rows.push(['topology.redis.wait', String(redis.wait)]);
    rows.push(['topology.redis.wait_timeout', writeDuration(redis.wait_timeout_ms)]);
  }
  return rows;
}

function backupConditions(backup: PlannedBackup): [string, string][] {
  const { every_ms, keep, wal, archive_timeout_ms } = backup;
  const rows: [string, string][] = [
    ['topology.backup.every', writeDuration(every_ms)],
    ['topology.backup.keep', String(keep)],
    ['topology.backup.wal', wal],
  ];
  // What is streamed waits for no segment.
  if (wal === 'archive') {
    rows.push(['topology.backup.archive_timeout', writeDuration(archive_timeout_ms)]);
  }
  return rows;
}

/** Trials of one series are alike. */
function seedWords({ seed, trial }: Plan): string {
  return trial === undefined ? String(seed) : `${trial.series_seed}, another for each trial`;
}

function faultWords(fault: PlannedFault, plan: Plan): string {
  const { kind, region, heal_after_ms } = fault;
  const parts = [`${kind} ${region}`, ...definitionOf(kind).words(fault)];
  parts.push(momentWords(fault, plan));
  if (fault.when !== undefined) parts.push(`when ${writeCondition(fault.when)}`);
  if (heal_after_ms !== null) parts.push(`healed after ${writeDuration(heal_after_ms)}`);
  return parts.join(', ');
}

function stopWords({ stop_when = [], max_duration_ms }: Plan): string {
  const stops = stop_when.map(({ when, verdict }) => `${writeCondition(when)}: ${verdict}`);
  if (max_duration_ms !== undefined) stops.push(`after ${writeDuration(max_duration_ms)}`);
  return stops.length === 0 ? 'none' : stops.join('; ');
}

/** Not what was drawn: what it was drawn from. */
function momentWords(fault: PlannedFault, { trial }: Plan): string {
  const { kind, at_ms, beforehand, drawn_from } = fault;
  if (isOfOperators(kind)) return withoutMoment(kind);
  if (beforehand) return 'beforehand';
  const { moved_ms, within_ms } = trial ?? { moved_ms: 0, within_ms: 0 };
  const later = within_ms === 0 ? '' : `, up to ${writeDuration(within_ms)} later`;
  if (drawn_from !== undefined) {
    return `at ${writeDuration(drawn_from.from_ms)}..${writeDuration(drawn_from.to_ms)}${later}`;
  }
  return `at ${writeDuration(at_ms - moved_ms)}${later}`;
}

function declareWords(declare: Declaration): string {
  if (declare.by === 'after') return `after ${writeDuration(declare.after_ms)}`;
  return declare.by === 'command' ? declare.command.join(' ') : declare.by;
}

function linkWords(links: Plan['links']): string {
  const words = Object.entries(links).map(([name, link]) => `${name} ${delayWords(link)}`);
  return words.length === 0 ? 'none' : words.toSorted().join(', ');
}

export function delayWords({ latency_ms, jitter_ms }: PlannedLink): string {
  const jitter = jitter_ms === 0 ? '' : ` ± ${writeDuration(jitter_ms)}`;
  return `${writeDuration(latency_ms)}${jitter}`;
}

function priceWords(cost: Plan['cost']): string {
  if (cost === null) return 'none';
  const { postgres, app, redis } = cost.instance_hour;
  const every = (ms: number | null) => (ms === null ? 'not stated' : writeDuration(ms));
  return (
    `${cost.currency}, instance_hour ${[postgres, app, redis ?? 'none'].join('/')}, ` +
    `gb_month ${cost.gb_month}, gb_transferred ${cost.gb_transferred}, ` +
    `backup_every ${every(cost.backup_every_ms)}, segment_every ${every(cost.segment_every_ms)}`
  );
}

function gslbWords({ every_ms, timeout_ms, failures, ttl_s }: PlannedGslb): string {
  const checks = `every ${writeDuration(every_ms)}, timeout ${writeDuration(timeout_ms)}`;
  return `${checks}, failures ${failures}, ttl ${ttl_s}s`;
}
