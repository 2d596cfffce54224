// Which drills may have their regions in the place of the trial before. Servers, proxies and
// programs are made as new there; a drill whose numbers hang on more than those has its own place.
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import type { Strategy } from '../../drill/names.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { runtimes } from '../../topology/runtimes.ts';
import type { DrillRead } from '../read.ts';

/** Why a trial of the strategy has regions of its own; null: it is proved that it need not. */
const OWN_BY_STRATEGY: Readonly<Record<Strategy, string | null>> = {
  'backup-restore': 'base backups and the log in the repository have a history of their own',
  'pilot-light': null,
  'warm-standby': null,
  'own-system': 'they are nobody’s to make',
  'active-active': 'two databases that replicate to each other have a history of their own',
};

/** Why the drill's trials have regions of their own, in a clause; null: they may be kept. */
export function ownRegionsReason({ plan, drill, settings }: DrillRead): string | null {
  const runtime = runtimeNamed(drill.runtime);
  if (runtimes[runtime].hold === null) {
    return `on ${runtime} each trial has its own: no container or volume could be kept`;
  }
  if (settings.keep !== 'never') return `they are to stay up (--keep ${settings.keep})`;
  return reasonOf(plan);
}

function reasonOf({ strategy, faults, data_bytes }: Plan): string | null {
  const isDestroyed = faults.some(({ effect }) => effect.disks === 'destroyed');
  if (OWN_BY_STRATEGY[strategy] !== null) return OWN_BY_STRATEGY[strategy];
  if (isDestroyed) return 'the disks of a region are destroyed';
  // The next trial's copies would be made beside this one's, and go to the disk under its load.
  return data_bytes === undefined ? null : 'topology.data has no room for copies of two trials';
}
