// Every fault, in the order in which `drill list faults` shows them.
import type { FaultKind } from '../drill/registry-names.ts';
import type { Fault } from './fault.ts';
import { loseRegion } from './lose-region.ts';

const byKind: Readonly<Partial<Record<FaultKind, Fault>>> = {
  'lose-region': loseRegion,
};

export const faults: readonly Fault[] = Object.values(byKind);
