// A recovery as a plan has it, where a drill file says nothing of it.
import {
  recoveryNamed,
  type PlannedRecovery,
  type RecoveryName,
} from '../../../src/drill/recovery/registry.ts';

export function plannedRecovery(
  name: RecoveryName,
  every: Omit<PlannedRecovery, 'with'>,
): PlannedRecovery {
  return { ...every, with: name, ...recoveryNamed(name).plan({}) } as PlannedRecovery;
}
