// Every fault, in the order in which `drill list faults` shows them.
import type { FaultKind } from '../drill/plan/registry-names.ts';
import type { Fault } from './fault.ts';
import { breakArchive } from './break-archive.ts';
import { corruptData } from './corrupt-data.ts';
import { cutLink } from './cut-link.ts';
import { loseRegion } from './lose-region.ts';
import { maintenance } from './maintenance.ts';
import { slowLink } from './slow-link.ts';

const byKind: Readonly<Record<FaultKind, Fault>> = {
  'lose-region': loseRegion,
  maintenance,
  'corrupt-data': corruptData,
  'break-archive': breakArchive,
  'slow-link': slowLink,
  'cut-link': cutLink,
};

export const faults: readonly Fault[] = Object.values(byKind);
