// What one run has to say in a comparison, read from its result.
import type { Interval } from '../drill/measurement.ts';
import type { StandingCost } from '../verdict/comparison.ts';
import type { Result, ResultStoreLoss } from '../verdict/result.ts';
import { isWatched } from '../verdict/words.ts';

/**
 * From the fault, whatever clock the drill's gate uses, so that all are comparable and the phases
 * add up to it. Service that never came back has no value, and the time that it was waited for as
 * its lower end. Null: not measured.
 */
export function rtoOf({ recovery, gates, verdict }: Result): Interval | null {
  if (recovery === null) return null;
  const gate = gates.find(({ name }) => name === 'rto');
  const { rto_ms: value, uncertainty_ms, rto_high_ms } = recovery;
  if (value === null) {
    const isDisturbed = recovery.disturbed_before_ms !== undefined;
    if (isDisturbed || !isWatched(recovery, verdict)) return null;
    return { value, low: recovery.rto_low_ms ?? null, high: null };
  }
  if (gate?.measured === value) return { value, low: gate.low, high: gate.high };
  const high = rto_high_ms ?? value;
  return { value, low: uncertainty_ms === null ? null : high - uncertainty_ms, high };
}

export function rpoOf({ loss }: Result): Interval | null {
  const value = numberOf(loss?.rpo_ms);
  return value === null ? null : { value, low: value, high: numberOf(loss?.rpo_high_ms) };
}

const BESIDES = [
  'late',
  'intended',
  'diverged',
  'split_brain',
  'unexpected',
  'corrupt',
  'duplicated',
  'wrong_reads',
] as const satisfies readonly (keyof ResultStoreLoss)[];

/** Writes, besides the lost ones, that are not simply kept, refused or unknown; 0 is left out. */
export function besidesOf({ loss }: Result): [string, number][] {
  if (loss === null) return [];
  return BESIDES.flatMap((name) => (loss[name] > 0 ? [[name, loss[name]]] : []));
}

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
    monthly_total: numberOf(objectOf(cost['monthly'])?.['total']),
    recovery_steps: numberOf(cost['recovery_steps']),
  };
  return Object.values(read).every((value) => value === null) ? null : read;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
