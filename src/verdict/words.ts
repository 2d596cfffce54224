// What a gate says when it did not pass: one sentence that a tired person understands.
import { distance, quantity, type Unit } from '../drill/gate/gate.ts';
import { GATES } from '../drill/gate/registry.ts';
import { capital } from '../measure/words.ts';
import type { Gate, ResultRecovery, Verdict } from './result.ts';

type Facts = Pick<Gate, 'name' | 'unit' | 'bound' | 'target' | 'measured' | 'low' | 'high'>;

/** Endings after which nobody watched for service any more: without a close nothing is known. */
const BROKEN_OFF: readonly Verdict[] = ['interrupted', 'environment', 'internal'];

/** Whether anybody saw how it ended: nobody may have waited, or it was never gone. */
export function isWatched(
  { rto_ms, outages }: Pick<ResultRecovery, 'rto_ms' | 'outages'>,
  verdict: Verdict,
): boolean {
  return rto_ms !== null || (outages.length > 0 && !BROKEN_OFF.includes(verdict));
}

/** `RTO 2.31 s is 1.31 s over its target of 1 s.` */
export function missed(facts: Facts): string {
  const { name, unit, bound, target, low } = facts;
  const measured = facts.measured ?? (bound === 'at least' ? facts.high : null);
  if (measured === null) {
    const limit = `the ${title(name)} target of ${quantity(target, unit)}`;
    return `Service was not back after ${quantity(low!, unit)}, over ${limit}.`;
  }
  if (unit === 'writes' && bound === 'at most') {
    const allowed = target === 0 ? 'none is allowed' : `${target} are allowed`;
    return `${capital(title(name))}: ${measured}, and ${allowed}.`;
  }
  if (bound === 'at most' && measured <= target) {
    return `${title(name)}: acknowledged writes were lost, and the target of 0 s allows none.`;
  }
  const [shown, limit] = shownApart(measured, target, unit);
  const off = distance(Math.abs(measured - target), unit);
  const way = bound === 'at most' ? 'over its target of' : 'under its target of at least';
  return `${capital(title(name))} ${shown} is ${off} ${way} ${limit}.`;
}

/** The interval reaches over the target. */
export function straddles({ name, unit, target, measured, low, high }: Facts): string {
  const limit = quantity(target, unit);
  const to = high === null ? 'no upper bound' : quantity(high, unit);
  const from = low === null ? 'no lower bound' : quantity(low, unit);
  const shown = quantity(measured!, unit);
  return (
    `${capital(title(name))} ${shown} cannot be told from its target of ${limit}: ` +
    `the truth lies between ${from} and ${to}.`
  );
}

/** No value at all, and no bound that is beyond the target. */
export function notBack({ name, unit, target, low }: Facts): string {
  if (low === null || unit !== 'ms') return `${capital(title(name))} was not measured.`;
  return (
    `Service did not come back while it was watched (${quantity(low, unit)}), ` +
    `which is less than the target of ${quantity(target, unit)}.`
  );
}

/** Two values that must not look alike: exact where rounding would make them so. */
function shownApart(measured: number, target: number, unit: Unit): [string, string] {
  const [shown, limit] = [quantity(measured, unit), quantity(target, unit)];
  if (shown !== limit) return [shown, limit];
  const exact = (value: number) => (unit === 'ms' ? `${value} ms` : `${100 * value} %`);
  return [exact(measured), exact(target)];
}

function title(name: string): string {
  return GATES.find((gate) => gate.name === name)?.title ?? name;
}
