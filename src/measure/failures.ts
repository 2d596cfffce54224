// What fails a run whatever its targets: a recovery step that failed, and lies of the service that
// are proved.
import type { Plan, StoreName } from '../drill/plan/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import { LIES } from './loss/loss.ts';
import type { Loss } from './measurement.ts';
import { eventsOf, failbackFrom } from './service/timeline.ts';
import { counted, ofStore, plainDetail, writeIds } from './words.ts';

export function stepFailures(events: readonly RunEvent[]): string[] {
  const failback_ms = failbackFrom(events) ?? Infinity;
  return eventsOf(events, 'step.failed').map(({ t, step, reason }) => {
    const of = t < failback_ms ? 'recovery' : 'failback';
    return `The ${of} step "${step}" failed: ${plainDetail(reason)}.`;
  });
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

const IDS_SHOWN = 5;

const LIE_WORDS: Readonly<Record<(typeof LIES)[number], string>> = {
  unexpected: 'present although refused or never sent',
  corrupt: 'present with a payload that no client sent',
  duplicated: 'present more than once',
  diverged: 'not the same in two serving databases, or wiped out of a shared row',
};

/**
 * Call it only when the readings are sound: a lie must be proved. `store` is named in the
 * sentences.
 */
export function lies(plan: Plan, loss: Loss, store: StoreName | null): string[] {
  const found = LIES.filter((name) => {
    const isAllowed = name === 'duplicated' && plan.targets.duplicates === 'allow';
    return loss.classes[name] > 0 && !isAllowed;
  }).map((name) => {
    const total = loss.classes[name];
    const verb = total === 1 ? 'is' : 'are';
    const ids = writeIds(loss.lie_ids[name] ?? [], total);
    return `${counted(total, 'write')} ${verb} ${LIE_WORDS[name]}: ${ids}.`;
  });
  if (loss.lost_after_recovery > 0) {
    const writes = counted(loss.lost_after_recovery, 'write');
    found.push(`${writes} acknowledged by the new side after the recovery went missing.`);
  }
  return found.map((sentence) => ofStore(store, sentence));
}

/** The same of a failback, in which nothing at all may be lost, by whichever side. */
export function failbackLies(plan: Plan, loss: Loss, store: StoreName | null): string[] {
  const found = lies(plan, { ...loss, lost_after_recovery: 0 }, store);
  const { lost } = loss.classes;
  if (lost > 0) {
    const what = `${counted(lost, 'acknowledged write')} ${lost === 1 ? 'was' : 'were'} lost in it`;
    found.push(ofStore(store, `${what}: ${writeIds(loss.lost_ids.slice(0, IDS_SHOWN), lost)}.`));
  }
  if (loss.split_brain > plan.targets.split_brain) {
    const writes = counted(loss.split_brain, 'write');
    found.push(ofStore(store, `${writes} acknowledged by the old side after the new one began.`));
  }
  return found;
}
