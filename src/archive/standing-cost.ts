// What the recovery region of a run took, out of its result, whatever version wrote that; and of
// several runs the median.
import type { StandingCost } from '../verdict/comparison.ts';
import type { Result } from '../verdict/result.ts';

/** Null where the result has none of it. */
export function costOf(result: Result): StandingCost | null {
  const cost = objectOf(result.cost);
  if (cost === null) return null;
  const { region, components } = cost;
  const read: StandingCost = {
    region: typeof region === 'string' ? region : null,
    components: Array.isArray(components) ? components.map(String) : null,
    cpu_share: numberOf(cost['cpu_share']),
    memory_bytes: numberOf(cost['memory_bytes']),
    disk_bytes: numberOf(cost['disk_bytes']),
    replicated_bytes_per_s: numberOf(cost['replicated_bytes_per_s']),
    ...monthlyIn(objectOf(cost['monthly'])),
    recovery_steps: numberOf(cost['recovery_steps']),
  };
  return Object.values(read).every((value) => value === null) ? null : read;
}

/** Figures without a currency, of before, were made of use and not of what is rented. */
function monthlyIn(monthly: Readonly<Record<string, unknown>> | null) {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const currency = text(monthly?.['currency']);
  const monthly_total = currency === null ? null : numberOf(monthly?.['total']);
  return { monthly_total, currency, formula: text(monthly?.['formula']) };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The median of what each run measured; null where none did. */
export function medianCost(costs: readonly (StandingCost | null)[]): StandingCost | null {
  const known = costs.filter((cost) => cost !== null);
  const [first] = known;
  if (first === undefined) return null;
  const median = (of: (cost: StandingCost) => number | null) => {
    const values = known.map(of).filter((value) => value !== null);
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
  };
  const total = median(({ monthly_total }) => monthly_total);
  const priced = known.find(({ monthly_total }) => monthly_total === total) ?? first;
  return {
    region: first.region,
    components: known.map(({ components }) => components).find((each) => each !== null) ?? null,
    cpu_share: median(({ cpu_share }) => cpu_share),
    memory_bytes: median(({ memory_bytes }) => memory_bytes),
    disk_bytes: median(({ disk_bytes }) => disk_bytes),
    replicated_bytes_per_s: median(({ replicated_bytes_per_s: rate }) => rate),
    monthly_total: total,
    currency: priced.currency,
    formula: priced.formula,
    recovery_steps: median(({ recovery_steps }) => recovery_steps),
  };
}
