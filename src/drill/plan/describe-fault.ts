// A planned fault in words: what happens, to whom, and until when.
import { formatDuration, writePercent } from '../../base/units.ts';
import { isSeenByChecks } from './fault-facts.ts';
import type { Plan, PlannedFault } from './plan.ts';
import type { FaultKind, LossWay } from './registry-names.ts';

const LOSSES: Readonly<Record<LossWay, string>> = {
  kill: 'every process of the region is killed at once and its links are cut',
  partition: 'the network of the region goes silent, its processes live',
  freeze: 'every process of the region stands still, its links stay up',
};

const EFFECTS: Readonly<Record<FaultKind, (fault: PlannedFault) => string>> = {
  'lose-region': ({ how, disks }) =>
    disks === 'destroyed' ? `${LOSSES[how]}; its disks are gone` : LOSSES[how],
  maintenance: () => 'nothing breaks: the region is to be taken out of service',
  'corrupt-data': ({ mistake }) => {
    const { statement, share } = mistake!;
    const done = statement === 'delete' ? 'deleted' : 'overwritten';
    const what = `${writePercent(share)} of the orders are ${done} by mistake`;
    return `${what}, and no health check sees it`;
  },
  'break-archive': () => 'the archive command fails from now on, and nobody is told',
  'slow-link': ({ link }) =>
    `link ${link!.name} takes ${formatDuration(link!.latency_ms)} each way`,
  'cut-link': ({ link }) => `link ${link!.name} goes silent both ways`,
};

export function effectPhrase(fault: PlannedFault): string {
  const { kind, heal_after_ms } = fault;
  const effect = EFFECTS[kind](fault);
  if (!isHealed(fault)) return effect;
  if (heal_after_ms === null) return `${effect}, until the recovery is over`;
  const lasts = `${effect}, for ${formatDuration(heal_after_ms)}`;
  if (kind !== 'lose-region') return lasts;
  return `${lasts}, and no recovery runs if none was declared by then`;
}

/** Whether it ends in the run, by itself or at the end: what is dead, moved or harmed does not. */
export function isHealed({ kind, how }: PlannedFault): boolean {
  if (kind === 'lose-region') return how !== 'kill';
  return kind !== 'maintenance' && kind !== 'corrupt-data';
}

/** Whether health checks report the disaster; else somebody has to notice. */
export function isSeen({ faults }: Pick<Plan, 'faults'>): boolean {
  return faults.some(
    ({ disaster, kind, link }) => disaster && isSeenByChecks(kind, link?.name ?? null),
  );
}
