// A planned fault in words: what happens, to whom, and until when.
import { formatDuration } from '../../base/units.ts';
import { definitionOf, type PlannedFault } from '../fault/registry.ts';
import type { Plan } from './plan.ts';

export function effectPhrase(fault: PlannedFault): string {
  const { kind, effect, heal_after_ms } = fault;
  const phrase = definitionOf(kind).phrase(fault);
  if (!effect.heals) return phrase;
  if (heal_after_ms === null) return `${phrase}, until the recovery is over`;
  const lasts = `${phrase}, for ${formatDuration(heal_after_ms)}`;
  if (effect.service !== 'lost') return lasts;
  return `${lasts}, and no recovery runs if none was declared by then`;
}

/** Whether health checks report the disaster; else somebody has to notice. */
export function isSeen({ faults }: Pick<Plan, 'faults'>): boolean {
  return faults.some(({ disaster, effect }) => disaster && effect.seenByChecks);
}
