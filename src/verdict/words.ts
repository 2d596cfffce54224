// What a gate says when it did not pass: one sentence that a tired person understands.
import { formatDuration } from '../base/units.ts';
import { capital } from '../measure/words.ts';
import type { Gate, ResultRecovery, Verdict } from './result.ts';

type Facts = Pick<Gate, 'name' | 'unit' | 'target' | 'measured' | 'low' | 'high'>;

const TITLES: Readonly<Record<string, string>> = {
  rto: 'RTO',
  rpo: 'RPO',
  lost_writes: 'lost writes',
  'redis.rpo': 'Redis RPO',
  'redis.lost_writes': 'lost Redis writes',
  split_brain: 'split-brain writes',
  p99_latency: 'p99 latency',
  failback_rto: 'failback RTO',
};

/** Endings after which nobody watched for service any more: without a close nothing is known. */
const BROKEN_OFF: readonly Verdict[] = ['interrupted', 'environment', 'internal'];

/**
 * Whether anybody saw how it ended: service that was not seen to come back may never have been
 * gone, or nobody may have waited for it.
 */
export function isWatched(
  { rto_ms, outages }: Pick<ResultRecovery, 'rto_ms' | 'outages'>,
  verdict: Verdict,
): boolean {
  return rto_ms !== null || (outages.length > 0 && !BROKEN_OFF.includes(verdict));
}

/** `RTO 2.31 s is 1.31 s over its target of 1 s.` */
export function missed(facts: Facts): string {
  const { name, unit, target, measured, low } = facts;
  if (measured === null) {
    const limit = `the ${title(name)} target of ${quantity(target, unit)}`;
    return `Service was not back after ${quantity(low!, unit)}, over ${limit}.`;
  }
  if (unit === 'writes') {
    const allowed = target === 0 ? 'none is allowed' : `${target} are allowed`;
    return `${capital(title(name))}: ${measured}, and ${allowed}.`;
  }
  if (measured <= target) {
    return `${title(name)}: acknowledged writes were lost, and the target of 0 s allows none.`;
  }
  const [shown, limit] = told(measured, target, unit);
  const over = quantity(measured - target, unit);
  return `${capital(title(name))} ${shown} is ${over} over its target of ${limit}.`;
}

/** The interval reaches over the target. */
export function straddles({ name, unit, target, measured, low, high }: Facts): string {
  const limit = quantity(target, unit);
  const to = high === null ? 'no upper bound' : quantity(high, unit);
  const shown = quantity(measured!, unit);
  return (
    `${capital(title(name))} ${shown} cannot be told from its target of ${limit}: ` +
    `the truth lies between ${quantity(low!, unit)} and ${to}.`
  );
}

/** No value at all, and no lower bound that is over the target. */
export function notBack({ name, unit, target, low }: Facts): string {
  if (low === null) return `${capital(title(name))} was not measured.`;
  return (
    `Service did not come back while it was watched (${quantity(low, unit)}), ` +
    `which is less than the target of ${quantity(target, unit)}.`
  );
}

/** Two durations that must not look alike: exact where rounding would make them so. */
function told(measured: number, target: number, unit: Gate['unit']): [string, string] {
  const [shown, limit] = [quantity(measured, unit), quantity(target, unit)];
  return shown === limit ? [`${measured} ms`, `${target} ms`] : [shown, limit];
}

function quantity(value: number, unit: Gate['unit']): string {
  if (unit === 'writes') return String(value);
  return value === 0 ? '0 s' : formatDuration(value);
}

function title(name: string): string {
  return TITLES[name] ?? name;
}
