// Drills that are right in every value and could show nothing: targets that no run can miss,
// service that has no time to hold, faults that nobody would meet.
import { formatDuration, writePercent } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from '../plan/clock.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { beginsByMs, disasterOf } from '../plan/disaster.ts';
import { regionAtEdge } from '../plan/plan.ts';
import { error, rule, warning, type Problem, type Rule } from './rule.ts';

const TIMES = ['faults', 'workload', 'warm_up', 'steady', 'topology', 'recover', 'sustain'];

export const senseRules: readonly Rule[] = [
  rule('targets-can-be-missed', ['targets', ...TIMES], targetsCanBeMissed),
  rule('service-can-hold', ['targets', ...TIMES], serviceCanHold),
  rule('faults-are-met', ['faults', 'topology', 'disaster'], faultsAreMet),
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

const UNSEEN = 'nothing that is judged would tell of it';

/** Without a disaster nobody ever goes to the standby: a fault on the way there shows nothing. */
function faultsAreMet(drill: Drill): Problem[] {
  if (hasDisaster(drill)) return [];
  const { regions } = drill.topology;
  return drill.faults.flatMap(({ kind, link, node }, index): Problem[] => {
    const isStandby = (region: string | null) =>
      region !== null && regions[region]?.role === 'standby';
    if (link !== undefined && isStandby(regionAtEdge(link))) {
      const message = `nobody crosses ${link} while its region is the standby: ${UNSEEN}`;
      return [warning(['faults', index, 'link'], message)];
    }
    const [region = '', part = ''] = node?.split('/') ?? [];
    if (isStandby(region) && part.startsWith('app')) {
      const message = `nobody is served by ${node} while its region is the standby: ${UNSEEN}`;
      return [warning(['faults', index, 'node'], message)];
    }
    if (kind !== 'break-archive') return [];
    const message = `nothing is restored without a disaster: ${UNSEEN}`;
    return [warning(['faults', index, 'kind'], message)];
  });
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
