// The recovery time by clocks that start later than the fault: at the declaration, and at the first
// look that saw the fault bite.
import type { Outage, Recovery } from '../../drill/measurement.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import type { Disaster } from '../timeline.ts';

/** Null when service was back before the declaration, or when there was none. */
export function fromDeclaration(
  declared_ms: number | null,
  last: Outage | undefined,
  close_ms: number | null,
): Pick<Recovery, 'rto_from_declaration_ms' | 'rto_from_declaration_low_ms'> {
  const none = { rto_from_declaration_ms: null, rto_from_declaration_low_ms: null };
  if (declared_ms === null || last === undefined) return none;
  if (close_ms !== null && close_ms < declared_ms) return none;
  const unserved = last.last_unserved_ms ?? last.opened_ms;
  const low = Math.max(0, floorGrain(unserved) - ceilGrain(declared_ms));
  if (close_ms === null) return { ...none, rto_from_declaration_low_ms: low };
  const value = ceilGrain(close_ms) - floorGrain(declared_ms);
  return { rto_from_declaration_ms: value, rto_from_declaration_low_ms: Math.min(low, value) };
}

/** The fault bit between the last look that did not see it and the end of the first that did. */
export function fromEffect(
  { bitten }: Pick<Disaster, 'bitten'>,
  last: Outage | undefined,
  close_ms: number | null,
): Pick<Recovery, 'rto_from_effect'> {
  if (bitten === null || last === undefined) return {};
  const { not_yet_ms, asked_ms, seen_ms: answered_ms } = bitten;
  const back = { value: null, low: null, high: null };
  if (close_ms !== null && close_ms < answered_ms) return { rto_from_effect: back };
  const unserved = last.last_unserved_ms ?? last.opened_ms;
  const low = Math.max(0, floorGrain(unserved) - ceilGrain(answered_ms));
  if (close_ms === null) return { rto_from_effect: { value: null, low, high: null } };
  const value = ceilGrain(close_ms) - floorGrain(asked_ms);
  const high = ceilGrain(close_ms) - floorGrain(not_yet_ms);
  return { rto_from_effect: { value, low: Math.min(low, value), high: Math.max(value, high) } };
}
