// A plan in words: what is created, what breaks when, how it is recovered, how long it can take.
import { clientsPhrase } from '../attached/clients.ts';
import { answersKeptMs } from './gslb.ts';
import {
  formatBytes,
  formatDuration,
  writePercent,
  writeRate,
  writeSize,
} from '../../base/units.ts';
import { writeCondition } from '../condition.ts';
import { STORES } from '../stores.ts';
import { longestRunMs, phaseBudgets } from './budget.ts';
import { dataRoom } from './data.ts';
import { hasDisaster } from './clock.ts';
import { operatorsTake } from './disaster.ts';
import {
  detectionMs,
  edgeLink,
  healWatchMs,
  isSeen,
  latestServiceMs,
  replicationLink,
  storesOf,
  type Plan,
  type PlannedRedis,
  type PlannedGslb,
} from './plan.ts';
import { layoutOf, type PlannedNode } from './layout.ts';
import { quantity, type GateDefinition } from '../gate/gate.ts';
import { GATES } from '../gate/registry.ts';
import { targetOf } from '../gate/targets.ts';
import { definitionOf, isOfOperators, type PlannedFault } from '../fault/registry.ts';
import type { StepByHand } from '../recovery/by-hand.ts';
import { writeMaxLoss, type MaxLoss } from '../recovery/max-loss.ts';
import { retriesPhrase } from '../recovery/retries.ts';
import { recoveryNamed, stepNames } from '../recovery/registry.ts';
import { STRATEGY_FACTS } from './strategies.ts';

/** As `drill plan --json` shows it. */
export function describePlan(plan: Plan) {
  const nodes = layoutOf(plan);
  const nodesFrom = (when: PlannedNode['from']) =>
    nodes.filter(({ from }) => from === when).map(({ node }) => node);
  return {
    name: plan.name,
    description: plan.description,
    ...(plan.controls === undefined ? {} : { controls: plan.controls }),
    strategy: plan.strategy,
    seed: plan.seed,
    targets: targetPhrases(plan),
    creates: {
      nodes: nodesFrom('start'),
      nodes_after_recovery: nodesFrom('recovery'),
      links: linksOf(plan),
      replication: protectionPhrase(plan),
      ...(plan.redis === null ? {} : { redis: redisPhrase(plan, plan.redis) }),
      ...(plan.data_bytes === undefined ? {} : { data: dataPhrase(plan, plan.data_bytes) }),
      ...(plan.gslb === null ? {} : { gslb: gslbPhrase(plan.gslb) }),
      workload: workloadPhrase(plan),
    },
    faults: plan.faults.map((fault) => ({
      /** After the steady state; null: before it, or in the recovery. */
      at_ms: fault.beforehand || isOfOperators(fault.kind) ? null : fault.at_ms,
      /** The range that the file states; absent: it states the moment. */
      ...(fault.drawn_from === undefined ? {} : { drawn_from: fault.drawn_from }),
      kind: fault.kind,
      region: fault.region,
      disaster: fault.disaster && hasDisaster(plan),
      effect: effectPhrase(fault, plan),
    })),
    declare: declarePhrase(plan),
    recovery: { with: plan.recover.with, steps: recoverySteps(plan) },
    /** Null where no health check sees the disaster. */
    worst_detection_ms: isSeen(plan) ? detectionMs(plan) : null,
    /** After the disaster; later counts as never. */
    deadline_ms: plan.recover.deadline_ms,
    sustain: sustainPhrase(plan),
    /** What ends the run before its time. */
    stops: stopPhrases(plan),
    timeline: timelineOf(plan),
    /** What the file asks to wait for when all goes well. */
    waits: statedWaits(plan),
    /** The budgets of all phases together. */
    longest_ms: longestRunMs(plan),
  };
}

/** How the second region comes to have what the first one has. */
function protectionPhrase({ strategy, replication, backup }: Plan): string {
  const { from, to, mode } = replication;
  if (backup !== null) {
    const every = `base backups every ${formatDuration(backup.every_ms)}, ${backup.keep} kept`;
    const log = {
      archive: `log archived, a segment after ${formatDuration(backup.archive_timeout_ms)} at most`,
      receive: 'log streamed',
      'receive-sync': 'log streamed, and every commit waits for it',
    }[backup.wal];
    return `${from} → ${to}/storage, ${every}, ${log}`;
  }
  return STRATEGY_FACTS[strategy].second === 'active'
    ? `${from} ↔ ${to}, each to the other, async`
    : `${from} → ${to}, ${mode}`;
}

function linksOf(plan: Plan): { name: string; delay: string }[] {
  if (plan.attached !== undefined) return [];
  const names = [
    ...plan.regions.map((region) => edgeLink(region.name)),
    replicationLink(plan.replication),
  ];
  return names.map((name) => {
    const link = plan.links[name];
    if (!link || link.latency_ms === 0) return { name, delay: 'no delay' };
    const jitter = link.jitter_ms > 0 ? ` ± ${formatDuration(link.jitter_ms)}` : '';
    return { name, delay: `${formatDuration(link.latency_ms)}${jitter} each way` };
  });
}

/** One phrase each: `rto ≤ 15 s from the fault`. */
function targetPhrases({ targets, ...plan }: Plan): string[] {
  const phrases = GATES.flatMap((gate: GateDefinition): string[] => {
    const target = targetOf(gate, targets);
    if (target === null) return [];
    const sign = gate.bound === 'at most' ? '≤' : '≥';
    const qualifier = gate.qualifier?.(targets) ?? gate.when?.(plan) ?? '';
    return [`${gate.name} ${sign} ${quantity(target, gate.unit)} ${qualifier}`.trimEnd()];
  });
  return [...phrases, targets.duplicates === 'fail' ? 'no duplicates' : 'duplicates allowed'];
}

function redisPhrase({ links, replication }: Plan, redis: PlannedRedis): string {
  const link = replicationLink(replication);
  const trip = formatDuration(2 * (links[link]?.latency_ms ?? 0));
  const wait =
    redis.wait === 0
      ? 'no write waits for the replica'
      : `each write waits for ${redis.wait} replica (${trip} over ${link}, ` +
        `at most ${formatDuration(redis.wait_timeout_ms)})`;
  return `${replication.from} → ${replication.to}, appendonly ${redis.appendonly}, ${wait}`;
}

/** `2GB of rows in each database; needs 6.3 GB (2 databases, 4 base backups) and 2.1 GB … */
function dataPhrase(plan: Plan, data_bytes: number): string {
  const { parts, run_bytes, template_bytes } = dataRoom(plan)!;
  return (
    `${writeSize(data_bytes)} in each database, the room for it ${formatBytes(run_bytes)} ` +
    `(${parts.join(', ')}) and ${formatBytes(template_bytes)} for the filled template`
  );
}

function gslbPhrase(gslb: PlannedGslb): string {
  return (
    `checks every ${formatDuration(gslb.every_ms)}, ${formatDuration(gslb.timeout_ms)} each, ` +
    `${gslb.failures} in a row mean down; DNS TTL ${gslb.ttl_s} s`
  );
}

function workloadPhrase({ workload, redis, attached }: Plan): string {
  const carts = redis === null ? '' : ` and ${writeRate(redis.carts_per_s)} into carts`;
  const reads = workload.reads > 0 ? `${writePercent(workload.reads)} reads, ` : '';
  const updates =
    workload.updates > 0
      ? `${writePercent(workload.updates)} updates of ${workload.shared_rows} shared rows, `
      : '';
  const over = attached === undefined ? workload.via : clientsPhrase(attached.clients);
  return (
    `${writeRate(workload.rate_per_s)}${carts} by ${workload.writers} writers over ${over}, ` +
    `${reads}${updates}${writeSize(workload.payload_bytes)} each, ` +
    `timeout ${formatDuration(workload.timeout_ms)}, ${workload.seed_rows} rows beforehand`
  );
}

function effectPhrase(fault: PlannedFault, plan: Plan): string {
  const { kind, effect, heal_after_ms } = fault;
  const phrase = definitionOf(kind).phrase(fault);
  if (!effect.heals) return phrase;
  if (heal_after_ms === null) return `${phrase}, until ${endOf(plan)}`;
  const lasts = `${phrase}, for ${formatDuration(heal_after_ms)}`;
  if (effect.service !== 'lost' || !hasDisaster(plan)) return lasts;
  return `${lasts}, and no recovery runs if none was declared by then`;
}

function endOf(plan: Plan): string {
  return hasDisaster(plan) ? 'the recovery is over' : 'the end';
}

function declarePhrase(plan: Plan): string {
  const { declare } = plan;
  const since = isSeen(plan) ? 'the health checks say so' : 'the fault';
  switch (declare.by) {
    case 'automatic':
      return isSeen(plan) ? `at once, when ${since}` : 'at once: it is planned, or nobody is asked';
    case 'after':
      return `${formatDuration(declare.after_ms)} after ${since}`;
    case 'nobody':
      return 'nobody: the system recovers by itself';
    case 'operator':
      return 'when somebody presses Enter';
    case 'command':
      return `when this command ends with 0: ${declare.command.join(' ')}`;
  }
}

function recoverySteps(plan: Plan): string[] {
  const { from, to } = plan.replication;
  const stores = storesOf(plan).map((store) => `${to}/${STORES[store].engine}`);
  const { instances } = plan.recover;
  const names = { from, to, stores: stores.join(' and '), instances };
  const own = Object.values(recoveryNamed(plan.recover.with).steps).map((step) => {
    return step.phrase(names, plan.recover);
  });
  const known = stepNames(plan.recover.with);
  const { max_loss, retries } = plan.recover;
  const asking = max_loss === undefined ? [] : [maxLossPhrase(max_loss)];
  return [
    ...asking,
    ...(plan.recover.steps?.map((step) => {
      return step.by === 'drill' ? own[known.indexOf(step.step)]! : phraseByHand(step);
    }) ?? own),
    ...(retries === undefined ? [] : [retriesPhrase(retries)]),
  ];
}

function maxLossPhrase(max_loss: MaxLoss): string {
  const over = max_loss.over === 'ask' ? 'a person is asked' : 'it fails';
  return `if it would lose more than ${writeMaxLoss(max_loss)}, ${over}`;
}

function phraseByHand(step: StepByHand): string {
  const what = step.by === 'person' ? `by hand: ${step.title}` : `run ${step.title}`;
  return step.seen === null ? what : `${what} (seen by ${step.seen.join(' ')})`;
}

function sustainPhrase({ sustain }: Plan): string {
  return (
    `${writePercent(sustain.success)} served for ${formatDuration(sustain.for_ms)}, ` +
    `at ${writePercent(sustain.capacity)} of the steady rate`
  );
}

function stopPhrases({ stop_when = [], max_duration_ms }: Plan): string[] {
  const stops = stop_when.map(({ when, verdict }) => `${writeCondition(when)} (${verdict})`);
  if (max_duration_ms === undefined) return stops;
  return [...stops, `after ${formatDuration(max_duration_ms)} (inconclusive)`];
}

function timelineOf(plan: Plan): { phase: string; at_most_ms: number }[] {
  return Object.entries(phaseBudgets(plan))
    .filter(([, at_most_ms]) => at_most_ms > 0)
    .map(([phase, at_most_ms]) => ({ phase, at_most_ms }));
}

/** How long a run takes when all goes well: what the file asks to wait for, without any work. */
export function statedWaitsMs(plan: Plan): number {
  return statedWaits(plan).reduce((sum, { ms }) => sum + ms, 0);
}

/** Each with what it is for; those that there are not are left out. */
function statedWaits(plan: Plan): { readonly what: string; readonly ms: number }[] {
  const last = Math.max(...plan.faults.map((fault) => fault.at_ms));
  const after = plan.declare.by === 'after' ? plan.declare.after_ms : 0;
  const { declared_ms, mistaken_ms } = operatorsTake(plan.faults);
  const recovery = [
    { what: 'faults that end', ms: hasDisaster(plan) ? 0 : lastingMs(plan, last) },
    { what: 'detection', ms: isSeen(plan) ? detectionMs(plan) : 0 },
    { what: 'declaration', ms: hasDisaster(plan) ? after + declared_ms : 0 },
    { what: 'the failover to the wrong region', ms: mistaken_ms },
    { what: 'DNS answers that clients keep', ms: answersKeptMs(plan) },
    { what: 'service that has to hold', ms: plan.sustain.for_ms },
  ];
  const expected = recovery.reduce((sum, { ms }) => sum + ms, 0);
  const latest = latestServiceMs(plan);
  const back = Math.min(expected, latest);
  const waits = [
    { what: 'the rate that rises', ms: plan.warm_up.ramp_ms ?? 0 },
    { what: 'steady state', ms: plan.steady.for_ms },
    { what: 'until the last fault', ms: last },
    ...(expected > latest ? [{ what: 'until the deadline', ms: latest }] : recovery),
    { what: 'heals that are watched', ms: Math.max(0, healedMs(plan, back, last) - back) },
  ];
  return waits.filter(({ ms }) => ms > 0);
}

/** How long after the last fault the last of them ends by itself. */
function lastingMs({ faults }: Plan, last_ms: number): number {
  return Math.max(0, ...faults.map((each) => each.at_ms + (each.heal_after_ms ?? 0) - last_ms));
}

/** How long after the last fault the last heal was watched; 0: there is nothing to heal. */
function healedMs(plan: Plan, back_ms: number, last_ms: number): number {
  const healed = plan.faults
    .filter(({ effect }) => effect.heals)
    .map(({ at_ms, beforehand, heal_after_ms }) => {
      const began_ms = beforehand ? -plan.steady.for_ms : at_ms;
      const over_ms = heal_after_ms === null ? back_ms : began_ms + heal_after_ms - last_ms;
      return over_ms + healWatchMs(plan);
    });
  return Math.max(0, ...healed);
}
