// How soon the steady state was back in a drill without a disaster.
import type { Interval } from '../../drill/measurement.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import type { Disaster, Timeline } from '../timeline.ts';

/**
 * The time from the first fault until service was back for good (`back`) without the time that the
 * faults lasted: up to the end of the last one, or to its injection where it stayed. 0 where
 * service was back before.
 */
export function steadyAgain(
  run: Timeline,
  { started_ms, injected_ms }: Disaster,
  back: Interval,
): Interval {
  const ends = run.all('fault.injected').map(({ index, t }) => {
    const { heal_after_ms = null } = run.plan.faults.find((each) => each.index === index) ?? {};
    return heal_after_ms === null ? t : (run.healed(index)?.t ?? Infinity);
  });
  const last_ms = Math.max(injected_ms, ...ends);
  const without = (ms: number | null, lasted_ms: number) =>
    ms === null ? null : Math.max(0, ms - lasted_ms);
  const [least_ms, most_ms] = [
    floorGrain(last_ms) - ceilGrain(started_ms),
    ceilGrain(last_ms) - floorGrain(started_ms),
  ];
  return {
    value: without(back.value, least_ms),
    low: without(back.low, most_ms),
    high: without(back.high, least_ms),
  };
}
