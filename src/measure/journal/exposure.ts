// What losing the active region would lose, by what its second region lacks: with synchronous
// replication that was acknowledged to nobody, so none of it can be lost.
import { formatBytes, formatDuration } from '../../base/units.ts';
import type { Exposure } from '../../drill/measurement.ts';
import { isSynchronous, type Plan } from '../../drill/plan/plan.ts';
import type { EventBodies } from '../../evidence/event.ts';
import type { Timeline } from '../timeline.ts';

type Preview = Omit<EventBodies['exposure.previewed'], 'region'>;

/** What `seen` of the log that the second region lacks puts at stake. */
export function atStake(plan: Plan, seen: Preview): Preview {
  if (!isSynchronous(plan) || seen.waiting !== undefined || seen.bytes === null) return seen;
  const waiting = { bytes: seen.bytes, region: plan.replication.to };
  return { ...seen, bytes: 0, ms: 0, waiting };
}

/** The last word on the region before its disaster; without one, the last of all. Null: none. */
export function exposureOf(run: Timeline): Exposure | null {
  const { disaster } = run;
  const last = run
    .all('exposure.previewed')
    .findLast(
      ({ t, region }) =>
        disaster === null || (t <= disaster.started_ms && region === disaster.region),
    );
  if (last === undefined) return null;
  const { region, ...seen } = last;
  // Older runs say what the second region lacked, whatever it meant.
  const { bytes, ms, detail, waiting } = atStake(run.plan, seen);
  return { region, bytes, ms, detail, ...(waiting === undefined ? {} : { waiting }) };
}

/**
 * `up to 1.2 MB of log, about 300 ms`; empty where nobody can say what would be lost. `wait` is the
 * verb in the tense of the sentence.
 */
export function exposureWords(
  { bytes, ms, waiting }: Pick<Exposure, 'bytes' | 'ms' | 'waiting'>,
  wait: 'are' | 'were',
): string {
  if (waiting !== undefined) {
    const log = `${formatBytes(waiting.bytes)} of log ${wait} waiting for ${waiting.region}`;
    const nothing = 'nothing that was acknowledged (sync)';
    return waiting.bytes === 0 ? nothing : `${nothing}; ${log}`;
  }
  const parts = [
    ...(bytes === null ? [] : [bytes === 0 ? 'nothing' : `up to ${formatBytes(bytes)} of log`]),
    ...(ms === null || bytes === 0 ? [] : [`about the last ${formatDuration(ms)}`]),
  ];
  return parts.join(', ');
}
