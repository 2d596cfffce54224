// What the standing recovery region costs: what its nodes used in the steady phase, and what that
// comes to in a month. Nothing is estimated: what was not measured is null.
import type { CostRates } from '../../drill/plan/plan.ts';
import { roundGrain } from '../grain.ts';
import type { Cost, MonthlyCost } from '../../drill/measurement.ts';
import type { EventOf, Timeline } from '../timeline.ts';

type Sample = EventOf<'usage.sampled'>;

/** Prices per month are for so many hours. */
const HOURS_PER_MONTH = 730;
const SECONDS_PER_HOUR = 3600;
/** Decimal, as disks and networks are sold. */
const GB = 1e9;
/** Enough for the cost of a process that idles, and no noise behind it. */
const DIGITS = 6;

/** Null when the region's nodes were never looked at. */
export function costOf(run: Timeline): Cost | null {
  const { plan } = run;
  const samples = steadySamples(run);
  const last = samples.at(-1);
  if (last === undefined) return null;
  const first = samples.length > 1 ? samples[0]! : null;
  const region = plan.replication.to;
  const nodes = nodesIn(last, region);
  const over_ms = first !== null && last.t > first.t ? last.t - first.t : null;
  const cpu_ms = first === null ? null : cpuBetween(first, last, region);
  const sent = first === null ? null : growth(first.replicated_bytes, last.replicated_bytes);
  const used = {
    cpu_share: cpu_ms === null || over_ms === null ? null : rounded(cpu_ms / over_ms),
    memory_bytes: sum(nodes.map(({ memory_bytes }) => memory_bytes)),
    disk_bytes: sum(nodes.map(({ disk_bytes }) => disk_bytes)),
    replicated_bytes_per_s: sent === null || over_ms === null ? null : (1000 * sent) / over_ms,
  };
  const { replicated_bytes_per_s: rate } = used;
  return {
    region,
    over_ms: over_ms === null ? null : roundGrain(over_ms),
    components: nodes.map(({ node }) => node),
    cpu_seconds: cpu_ms === null ? null : rounded(cpu_ms / 1000),
    ...used,
    replicated_bytes_per_s: rate === null ? null : rounded(rate),
    recovery_steps: stepsOf(run),
    monthly: plan.cost === null ? null : monthlyOf(plan.cost, used),
  };
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

/** Null where a node came, went or began anew in between: what it used is not known then. */
function cpuBetween(first: Sample, last: Sample, region: string): number | null {
  const before = new Map(nodesIn(first, region).map(({ node, cpu_ms }) => [node, cpu_ms]));
  const after = nodesIn(last, region);
  if (after.length !== before.size) return null;
  return sum(after.map(({ node, cpu_ms }) => growth(before.get(node), cpu_ms)));
}

function growth(before: number | null | undefined, after: number | null | undefined) {
  if (before === null || before === undefined || after === null || after === undefined) return null;
  return after < before ? null : after - before;
}

function sum(values: readonly (number | null | undefined)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null || value === undefined) return null;
    total += value;
  }
  return total;
}

/** Steps of the recovery that were carried out, without those of the failback. */
function stepsOf(run: Timeline): number | null {
  if (run.disaster === null) return null;
  return run.all('step.ended').filter(({ t }) => t < run.failback_ms).length;
}

type Used = Pick<Cost, 'cpu_share' | 'memory_bytes' | 'disk_bytes' | 'replicated_bytes_per_s'>;

function monthlyOf(rates: CostRates, used: Used): MonthlyCost {
  const stored = sum([used.memory_bytes, used.disk_bytes]);
  const priced = (amount: number | null, rate: number) =>
    amount === null ? null : rounded(amount * rate);
  const cpu = priced(used.cpu_share, rates.cpu_hour * HOURS_PER_MONTH);
  const storage = priced(stored, (rates.gb_hour * HOURS_PER_MONTH) / GB);
  const transfer = priced(
    used.replicated_bytes_per_s,
    (rates.gb_transferred * HOURS_PER_MONTH * SECONDS_PER_HOUR) / GB,
  );
  const total = sum([cpu, storage, transfer]);
  return { cpu, storage, transfer, total: total === null ? null : rounded(total) };
}

function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}
