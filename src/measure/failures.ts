// What fails a run whatever its targets: a recovery step that failed, and lies of the service that
// are proved.
import type { Plan, StoreName } from '../drill/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { ClassName, Loss } from './measurement.ts';
import { eventsOf } from './timeline.ts';
import { counted, ofStore, plainDetail, writeIds } from './words.ts';

export function stepFailures(events: readonly RunEvent[]): string[] {
  return eventsOf(events, 'step.failed').map(
    ({ step, reason }) => `The recovery step "${step}" failed: ${plainDetail(reason)}.`,
  );
}

/** A lost region that came back, healed or by itself, into a system that had gone on without it. */
export function fenceFailures(events: readonly RunEvent[]): string[] {
  const isHealed = eventsOf(events, 'fault.healed').length > 0;
  const when = isHealed ? 'when the fault was healed' : 'to the end of the drill';
  const open = eventsOf(events, 'fence.checked').flatMap(({ checks }) =>
    checks.filter(({ ok }) => !ok),
  );
  return [...new Map(open.map((check) => [check.name, check])).values()].map(
    ({ name, detail }) => `The fence did not hold ${when}: ${name}? ${plainDetail(detail)}.`,
  );
}

const LIES: readonly (readonly [ClassName, string])[] = [
  ['unexpected', 'present although refused or never sent'],
  ['corrupt', 'present with a payload that no client sent'],
  ['duplicated', 'present more than once'],
  ['diverged', 'different in two serving databases'],
];

/**
 * Call it only when the readings are sound: a lie must be proved. `store` is named in the
 * sentences.
 */
export function lies(plan: Plan, loss: Loss, store: StoreName | null): string[] {
  const found = LIES.filter(([name]) => {
    const isAllowed = name === 'duplicated' && plan.targets.duplicates === 'allow';
    return loss.classes[name] > 0 && !isAllowed;
  }).map(([name, what]) => {
    const total = loss.classes[name];
    const verb = total === 1 ? 'is' : 'are';
    const ids = writeIds(loss.lie_ids[name] ?? [], total);
    return `${counted(total, 'write')} ${verb} ${what}: ${ids}.`;
  });
  if (loss.lost_after_recovery > 0) {
    const writes = counted(loss.lost_after_recovery, 'write');
    found.push(`${writes} acknowledged by the new side after the recovery went missing.`);
  }
  return found.map((sentence) => ofStore(store, sentence));
}
