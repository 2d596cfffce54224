// Integrity violations: what the counts of a store show that no service may do, whatever it lost.
import type { Plan } from '../../drill/plan/plan.ts';
import type { Failure } from '../failure.ts';
import type { Loss } from '../../drill/measurement.ts';
import { counted, writeIds } from '../words.ts';
import { VIOLATIONS } from './loss.ts';

const WORDS: Readonly<Record<(typeof VIOLATIONS)[number], string>> = {
  unexpected: 'present although refused or never sent',
  corrupt: 'present with a payload that no client sent',
  duplicated: 'present more than once',
  diverged: 'not the same in two serving databases, or wiped out of a shared row',
};

/** Call it only when the readings are sound: a violation must be proved. */
export function integrityFailures(plan: Plan, loss: Loss): Failure[] {
  const found = VIOLATIONS.filter((name) => {
    const isAllowed = name === 'duplicated' && plan.targets.duplicates === 'allow';
    return loss.classes[name] > 0 && !isAllowed;
  }).map((name): Failure => {
    const total = loss.classes[name];
    const verb = total === 1 ? 'is' : 'are';
    const ids = writeIds(loss.violation_ids[name] ?? [], total);
    const text = `${counted(total, 'write')} ${verb} ${WORDS[name]}: ${ids}.`;
    return { code: `write-${name}`, text };
  });
  if (loss.lost_after_recovery > 0) {
    const writes = counted(loss.lost_after_recovery, 'write');
    const text = `${writes} acknowledged by the new side after the recovery went missing.`;
    found.push({ code: 'write-lost-after-recovery', text });
  }
  return found;
}
