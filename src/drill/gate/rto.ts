// How long clients waited: from the disaster, or from its declaration, until service was back.
import { formatDuration } from '../../base/units.ts';
import { duration } from '../fields.ts';
import type { Recovery } from '../measurement.ts';
import { gate, measured, unmeasured, type Claim, type TargetRules } from './gate.ts';

const BACK_BEFORE =
  'Service was back before the disaster was declared, from which the RTO is to be counted.';

const NEVER_SEEN =
  'The fault was never seen to bite, and the RTO is to be counted from when it was.';
const BACK_BEFORE_EFFECT =
  'Service was back before the fault was seen to bite, from which the RTO is to be counted.';

/** Why an outage that began before the disaster gives no RTO, where nobody saw it end. */
export function disturbedBefore(ms: number): string {
  return (
    `Service was disturbed already, for ${formatDuration(ms)}, when the disaster began, and was ` +
    'not seen to be whole again in time: the RTO cannot be told from it.'
  );
}

export const rto = gate({
  name: 'rto',
  title: 'RTO',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '24h')
    .optional()
    .describe('Recovery time objective: within this time clients are served again.'),
  affectedBy: 'recovery',
  isWait: true,
  qualifier: ({ rto_from }) => `from the ${rto_from}`,
  measure: ({ recovery }, target, { rto_from }) => {
    if (recovery === null) return unmeasured('The recovery time was not measured.');
    const claim = claimOf(recovery, rto_from);
    const { disturbed_before_ms, stopped_after_ms } = recovery;
    if (stopped_after_ms !== undefined) return { ...claim, isStopped: true };
    const isOver = claim.interval.low !== null && claim.interval.low > target;
    if (disturbed_before_ms === undefined || claim.obstacle !== null || isOver) return claim;
    return { ...claim, obstacle: disturbedBefore(disturbed_before_ms) };
  },
});

function claimOf(recovery: Recovery, rto_from: TargetRules['rto_from']): Claim {
  const { rto: fromFault, rto_from_declaration_ms: value } = recovery;
  switch (rto_from) {
    case 'fault':
      return measured(fromFault);
    case 'effect':
      return fromFault.value === 0 ? measured(fromFault) : fromEffect(recovery);
    case 'declaration':
      return fromFault.value === 0 ? measured(fromFault) : fromDeclaration(recovery, value);
  }
}

function fromEffect({ rto_from_effect }: Recovery): Claim {
  if (rto_from_effect === undefined) return unmeasured(NEVER_SEEN);
  if (rto_from_effect.low === null) return unmeasured(BACK_BEFORE_EFFECT);
  return measured(rto_from_effect);
}

function fromDeclaration(recovery: Recovery, value: number | null): Claim {
  const { rto: fromFault } = recovery;
  const low = recovery.rto_from_declaration_low_ms;
  const more = fromFault.high === null ? null : fromFault.high - (fromFault.value ?? 0);
  const high = value === null || more === null ? null : value + more;
  const obstacle =
    recovery.marks.declared === null
      ? 'The disaster was never declared, and the RTO is to be counted from the declaration.'
      : low === null
        ? BACK_BEFORE
        : null;
  return { interval: { value, low, high }, obstacle };
}
