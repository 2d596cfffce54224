// Drills that are right in every value and could show nothing: targets that no run can miss,
// service that has no time to hold, damage that nobody reads.
import { formatDuration, writePercent } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { beginsByMs, disasterOf } from '../plan/disaster.ts';
import { error, rule, warning, type Problem, type Rule } from './rule.ts';

const TIMES = ['faults', 'workload', 'warm_up', 'steady', 'topology', 'recover', 'sustain'];

export const senseRules: readonly Rule[] = [
  rule('targets-can-be-missed', ['targets', ...TIMES], targetsCanBeMissed),
  rule('service-can-hold', ['targets', ...TIMES], serviceCanHold),
  rule('damage-is-read', ['faults', 'workload.reads'], damageIsRead),
];

/** The seed rows are written within so long. */
const SEED_MS = 50_000;

function targetsCanBeMissed(drill: Drill): Problem[] {
  const { targets, workload, warm_up, steady } = drill;
  const always = (key: keyof Drill['targets'], why: string) => [
    warning(['targets', key], `${why}: this target is always met`),
  ];
  const before_ms = SEED_MS + warm_up.at_most + steady.for + beginsByMs(disasterOf(drill).fault);
  const writes =
    workload.seed_rows + (workload.rate * (before_ms - SEED_MS + deadlineMs(drill))) / 1_000;
  return [
    ...(targets.availability === 0 ? always('availability', 'no share is below 0%') : []),
    ...(targets.errors === 1 ? always('errors', `no share is above ${writePercent(1)}`) : []),
    ...((targets.rpo ?? 0) > before_ms
      ? always('rpo', `no write is older than ${formatDuration(before_ms)} when the fault comes`)
      : []),
    ...((targets.lost_writes ?? 0) >= writes
      ? always('lost_writes', `no more than ${Math.ceil(writes)} writes are ever due`)
      : []),
  ];
}

function serviceCanHold(drill: Drill): Problem[] {
  const { sustain } = drill;
  const deadline_ms = deadlineMs(drill);
  if (sustain.for <= deadline_ms) return [];
  const message =
    `service would have to hold for ${formatDuration(sustain.for)}, and the run waits for it ` +
    `${formatDuration(deadline_ms)} at most`;
  return [
    error(
      [
        ['sustain', 'for'],
        ['recover', 'deadline'],
        ['targets', 'rto'],
      ],
      message,
    ),
  ];
}

/** Whoever only writes soon writes into another page. */
function damageIsRead({ faults, workload }: Drill): Problem[] {
  if (workload.reads > 0) return [];
  return faults.flatMap(({ kind }, index) => {
    if (kind !== 'corrupt-page') return [];
    const message =
      'hardly a client that only writes meets the page; workload: { reads: 20% } does';
    return [warning(['faults', index, 'kind'], message)];
  });
}
