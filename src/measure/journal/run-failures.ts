// What the journal itself proves of a failed run: steps that failed, a fence that did not hold, a
// store that found its own data damaged.
import { STORES } from '../../drill/stores.ts';
import type { RunEvent } from '../../evidence/event.ts';
import type { Failure } from '../failure.ts';
import { eventsOf, failbackFrom } from '../timeline.ts';
import { inFailback, plainDetail } from '../words.ts';

export function runFailures(events: readonly RunEvent[]): Failure[] {
  return [...stepFailures(events), ...fenceFailures(events), ...corruptionFailures(events)];
}

function stepFailures(events: readonly RunEvent[]): Failure[] {
  const failback_ms = failbackFrom(events) ?? Infinity;
  return eventsOf(events, 'step.failed').map(({ t, step, reason }): Failure => {
    const of = t < failback_ms ? 'recovery' : 'failback';
    const text = `The ${of} step "${step}" failed: ${plainDetail(reason)}.`;
    return { code: `${of}-step-failed`, step, text };
  });
}

/** A lost region that came back, healed or by itself, into a system that had gone on without it. */
function fenceFailures(events: readonly RunEvent[]): Failure[] {
  const isHealed = eventsOf(events, 'fault.healed').length > 0;
  const when = isHealed ? 'when the fault was healed' : 'to the end of the drill';
  const open = eventsOf(events, 'fence.checked').flatMap(({ checks }) =>
    checks.filter(({ ok }) => !ok),
  );
  return [...new Map(open.map((check) => [check.name, check])).values()].map(({ name, detail }) => {
    const text = `The fence did not hold ${when}: ${name}? ${plainDetail(detail)}.`;
    return { code: 'fence-open', text };
  });
}

export type Verified = Extract<RunEvent, { event: 'verification.checked' }>;

/** What a store that serves found wrong with its own data. */
export function corruptionIn({ checks, store, node }: Verified): Failure[] {
  const what = `The data of ${node ?? 'a node that serves'} is damaged`;
  return checks
    .filter(({ proves }) => proves === 'harm')
    .map(({ name, detail }): Failure => {
      const text = `${what}: ${name}: ${plainDetail(detail)}.`;
      return {
        code: 'database-corrupt',
        ...(store === undefined ? {} : { store: STORES[store].written }),
        text,
      };
    });
}

/** In the drill itself and in the failback after it. */
function corruptionFailures(events: readonly RunEvent[]): Failure[] {
  const failback_ms = failbackFrom(events) ?? Infinity;
  return eventsOf(events, 'verification.checked').flatMap((event) => {
    const found = corruptionIn(event);
    if (event.t < failback_ms) return found;
    return found.map((failure) => ({ ...failure, text: inFailback(failure.text) }));
  });
}
