// The faults as data: which keys of the drill file belong to each, and what kind of thing it is.
// What they do stands in `fault/`.
import type { FaultKind } from './registry-names.ts';
import type { Drill } from './schema.ts';

type Fault = Drill['faults'][number];
export type FaultKey = Exclude<keyof Fault, 'at' | 'kind' | 'disaster'>;

export interface FaultFacts {
  readonly keys: readonly FaultKey[];
  /** It must be said which region it hits. */
  readonly needsRegion: boolean;
  /** It takes service away: the first such fault is the disaster, unless another one is marked. */
  readonly stopsService: boolean;
  /** Health checks report the region down; else somebody has to notice. */
  readonly isSeen: boolean;
  /** It is no disaster but a circumstance of one, and may last. */
  readonly isCondition: boolean;
}

const CONDITION = { needsRegion: false, stopsService: false, isSeen: false, isCondition: true };

export const FAULT_FACTS: Readonly<Record<FaultKind, FaultFacts>> = {
  'lose-region': {
    keys: ['region', 'how', 'disks', 'heal_after'],
    ...{ needsRegion: true, stopsService: true, isSeen: true, isCondition: false },
  },
  maintenance: {
    keys: ['region'],
    ...{ needsRegion: true, stopsService: true, isSeen: false, isCondition: false },
  },
  'corrupt-data': {
    keys: ['statement', 'share'],
    ...{ needsRegion: false, stopsService: false, isSeen: false, isCondition: false },
  },
  'break-archive': { keys: ['heal_after'], ...CONDITION },
  'slow-link': { keys: ['link', 'latency', 'heal_after'], ...CONDITION },
  'cut-link': { keys: ['link', 'heal_after'], ...CONDITION },
};

/** Which of the faults, in the order of their times, is the disaster. */
export function disasterAmong(faults: readonly Pick<Fault, 'kind' | 'disaster'>[]): number {
  const marked = faults.findIndex(({ disaster }) => disaster === true);
  if (marked >= 0) return marked;
  const stopping = faults.findIndex(({ kind }) => FAULT_FACTS[kind].stopsService);
  if (stopping >= 0) return stopping;
  const harming = faults.findIndex(({ kind }) => !FAULT_FACTS[kind].isCondition);
  return Math.max(0, harming);
}
