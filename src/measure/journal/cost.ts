// What the standing recovery region takes: what its nodes used in the steady phase, and what is
// paid for it in a month where there are prices. What was not measured is null: no number is
// estimated.
import { roundGrain } from '../grain.ts';
import type { Cost } from '../../drill/measurement.ts';
import type { EventOf, Timeline } from '../timeline.ts';
import { monthlyOf, rounded } from './monthly-cost.ts';

type Sample = EventOf<'usage.sampled'>;

/** Null when the region's nodes were never looked at. */
export function costOf(run: Timeline): Cost | null {
  const { plan } = run;
  const samples = steadySamples(run);
  const last = samples.at(-1);
  if (last === undefined) return null;
  const first = samples[0]!;
  const region = plan.replication.to;
  const nodes = nodesIn(last, region);
  const over_ms = last.t > first.t ? last.t - first.t : NaN;
  const cpu_ms = first === last ? NaN : cpuBetween(first, last, region);
  const sent = growth(first.replicated_bytes ?? NaN, last.replicated_bytes ?? NaN);
  const cpu_share = cpu_ms / over_ms;
  const disk = sum(nodes.map(({ disk_bytes }) => disk_bytes ?? NaN));
  const rate = (1000 * sent) / over_ms;
  return {
    region,
    over_ms: known(roundGrain(over_ms)),
    components: nodes.map(({ node }) => node),
    cpu_seconds: known(rounded(cpu_ms / 1000)),
    cpu_share: known(rounded(cpu_share)),
    memory_bytes: known(sum(nodes.map(({ memory_bytes }) => memory_bytes))),
    disk_bytes: known(disk),
    replicated_bytes_per_s: known(rounded(rate)),
    recovery_steps: stepsOf(run),
    monthly:
      plan.cost &&
      monthlyOf(run, plan.cost, { nodes, disk, sent, from_ms: first.t, to_ms: last.t }),
  };
}

/** What is not known is NaN while it is reckoned with, and null in the result. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Samples of the steady phase: from its beginning and its end, before anything is broken. */
function steadySamples(run: Timeline): Sample[] {
  const from_ms = run.first('steady.started')?.t ?? Infinity;
  const to_ms = run.disaster?.started_ms ?? Infinity;
  return run.all('usage.sampled').filter(({ t }) => t >= from_ms && t <= to_ms);
}

function nodesIn({ nodes }: Sample, region: string): Sample['nodes'] {
  return nodes.filter(({ node }) => node.startsWith(`${region}/`));
}

/** NaN where a node came, went or began anew in between: what it used is not known then. */
function cpuBetween(first: Sample, last: Sample, region: string): number {
  const before = new Map(nodesIn(first, region).map(({ node, cpu_ms }) => [node, cpu_ms]));
  const after = nodesIn(last, region);
  if (after.length !== before.size) return NaN;
  return sum(after.map(({ node, cpu_ms }) => growth(before.get(node) ?? NaN, cpu_ms)));
}

function growth(before: number, after: number): number {
  return after < before ? NaN : after - before;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Steps of the recovery that were carried out, without those of the failback. */
function stepsOf(run: Timeline): number | null {
  if (run.disaster === null) return null;
  return run.all('step.ended').filter(({ t }) => t < run.failback_ms).length;
}
