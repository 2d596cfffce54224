// What losing the region would have lost, as it was said just before it was lost.
import type { RunEvent } from '../../evidence/event.ts';
import type { Exposure } from '../../drill/measurement.ts';
import { eventsOf, type Disaster } from '../timeline.ts';

/** The last word on the region before its disaster; without one, the last of all. Null: none. */
export function exposureOf(
  events: readonly RunEvent[],
  disaster: Disaster | null,
): Exposure | null {
  const last = eventsOf(events, 'exposure.previewed').findLast(
    ({ t, region }) =>
      disaster === null || (t <= disaster.started_ms && region === disaster.region),
  );
  if (last === undefined) return null;
  const { region, bytes, ms, detail } = last;
  return { region, bytes, ms, detail };
}
