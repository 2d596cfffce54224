// What the journal itself proves of a failed run: steps that failed, a fence that did not hold, a
// store that found its own data damaged.
import { STORES } from '../../drill/stores.ts';
import type { Failure } from '../failure.ts';
import type { EventOf, Timeline } from '../timeline.ts';
import { inFailback, plainDetail } from '../words.ts';

export function runFailures(run: Timeline): Failure[] {
  return [...stepFailures(run), ...fenceFailures(run), ...corruptionFailures(run)];
}

function stepFailures(run: Timeline): Failure[] {
  return run.all('step.failed').map(({ t, step, reason }): Failure => {
    const of = t < run.failback_ms ? 'recovery' : 'failback';
    const text = `The ${of} step "${step}" failed: ${plainDetail(reason)}.`;
    return { code: `${of}-step-failed`, step, text };
  });
}

/** A lost region that came back, healed or by itself, into a system that had gone on without it. */
function fenceFailures(run: Timeline): Failure[] {
  const isHealed = run.all('fault.healed').length > 0;
  const when = isHealed ? 'when the fault was healed' : 'to the end of the drill';
  const checks = run.all('fence.checked').flatMap((event) => event.checks);
  const open = checks.filter(({ ok }) => !ok);
  return [...new Map(open.map((check) => [check.name, check])).values()].map(({ name, detail }) => {
    const text = `The fence did not hold ${when}: ${name}? ${plainDetail(detail)}.`;
    return { code: 'fence-open', text };
  });
}

/** What a store that serves found wrong with its own data. */
export function corruptionIn({ checks, store, node }: EventOf<'verification.checked'>): Failure[] {
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

function corruptionFailures(run: Timeline): Failure[] {
  return run.all('verification.checked').flatMap((event) => {
    const found = corruptionIn(event);
    if (event.t < run.failback_ms) return found;
    return found.map((failure) => ({ ...failure, text: inFailback(failure.text) }));
  });
}
