// Whether what is to stop a run leaves it the time that the drill asks for.
import { formatDuration } from '../../base/units.ts';
import { writeCondition } from '../condition.ts';
import type { Drill } from '../file/schema.ts';
import { statedWaitsMs } from '../plan/describe-plan.ts';
import { planDrill } from '../plan/make-plan.ts';
import { error, rule, warning, type Problem } from './rule.ts';

const ANY = [
  'targets',
  'topology',
  'workload',
  'steady',
  'faults',
  'declare',
  'recover',
  'sustain',
];

export const stopRules = [
  rule('max-duration-is-enough', ['max_duration', ...ANY], maxDurationIsEnough),
  rule('stop-can-happen', ['stop_when', 'max_duration'], stopCanHappen),
];

function maxDurationIsEnough(drill: Drill): Problem[] {
  const { max_duration } = drill;
  if (max_duration === undefined) return [];
  const waits_ms = statedWaitsMs(planDrill(drill, 1, ''));
  if (waits_ms < max_duration) return [];
  const message =
    `the waits of this drill alone take ${formatDuration(waits_ms)} when all goes well ` +
    '(`drill plan` lists them): every run would be stopped';
  return [error(['max_duration'], message)];
}

function stopCanHappen({ stop_when, max_duration = Infinity }: Drill): Problem[] {
  return stop_when.flatMap(({ when }, index) => {
    if (when.for_ms < max_duration) return [];
    const message =
      `the run is stopped after ${formatDuration(max_duration)} at most, before ` +
      `\`${writeCondition(when)}\` can have held for so long`;
    return [warning(['stop_when', index], message)];
  });
}
