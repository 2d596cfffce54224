// The faults as data: which keys of the drill file belong to each, and what kind of thing it is.
// What they do stands in `fault/`.
import type { Ability } from '../ability.ts';
import { regionAtEdge } from './plan.ts';
import type { FaultKind } from './registry-names.ts';
import type { Drill } from '../file/schema.ts';

type Fault = Drill['faults'][number];
export type FaultKey = Exclude<keyof Fault, 'at' | 'kind' | 'disaster'>;

export interface FaultFacts {
  readonly keys: readonly FaultKey[];
  /** What the system must be able to do. */
  readonly needs: readonly Ability[];
  /** It must be said which region it hits. */
  readonly needsRegion: boolean;
  /** It takes service away: the first such fault is the disaster, unless another one is marked. */
  readonly stopsService: boolean;
  /**
   * Health checks report the region down, whatever link it is on (`isSeenByChecks` asks that too);
   * else somebody has to notice.
   */
  readonly isSeen: boolean;
  /** It is no disaster but a circumstance of one, and may last. */
  readonly isCondition: boolean;
}

const CONDITION = { needsRegion: false, stopsService: false, isSeen: false, isCondition: true };

export const FAULT_FACTS: Readonly<Record<FaultKind, FaultFacts>> = {
  'lose-region': {
    keys: ['region', 'how', 'disks', 'heal_after'],
    needs: ['kill', 'freeze', 'isolate', 'destroy-disks'],
    ...{ needsRegion: true, stopsService: true, isSeen: true, isCondition: false },
  },
  maintenance: {
    keys: ['region'],
    needs: ['replication'],
    ...{ needsRegion: true, stopsService: true, isSeen: false, isCondition: false },
  },
  'corrupt-data': {
    keys: ['statement', 'share'],
    needs: ['harm', 'backups'],
    ...{ needsRegion: false, stopsService: false, isSeen: false, isCondition: false },
  },
  'break-archive': { keys: ['heal_after'], needs: ['backups', 'archive'], ...CONDITION },
  'slow-link': { keys: ['link', 'latency', 'heal_after'], needs: ['disturb-links'], ...CONDITION },
  'cut-link': { keys: ['link', 'heal_after'], needs: ['disturb-links'], ...CONDITION },
};

/** Which of the faults, in the order of their times, is the disaster. */
export function disasterAmong(faults: readonly Pick<Fault, 'kind' | 'disaster'>[]): number {
  const marked = faults.findIndex(({ disaster }) => disaster === true);
  if (marked >= 0) return marked;
  const stopping = faults.findIndex(({ kind }) => FAULT_FACTS[kind].stopsService);
  if (stopping >= 0) return stopping;
  const harming = faults.findIndex(({ kind }) => !FAULT_FACTS[kind].isCondition);
  // Of mere conditions, the one that two serving regions ride out.
  return harming >= 0
    ? harming
    : Math.max(
        0,
        faults.findIndex(({ kind }) => kind === 'cut-link'),
      );
}

/** A fault of a drill file, and which of its faults it is. */
interface Placed {
  readonly fault: Fault;
  readonly index: number;
}

/** In the order of their times, with their places in the file. */
export function inOrder(faults: readonly Fault[]): Placed[] {
  const placed = faults.map((fault, index) => ({ fault, index }));
  const isLater = ({ fault }: Placed) => Number(!fault.at.beforehand);
  return placed.sort((a, b) => isLater(a) - isLater(b) || a.fault.at.from_ms - b.fault.at.from_ms);
}

/** The disaster of a drill file, in whatever order its faults stand there. */
export function disasterOf(faults: readonly Fault[]): Placed {
  const ordered = inOrder(faults);
  return ordered[disasterAmong(ordered.map(({ fault }) => fault))]!;
}

/**
 * Whether health checks report a fault of this kind, on the link that is named if it is on one:
 * they go through the edge links, and replication is nothing to them.
 */
export function isSeenByChecks(kind: FaultKind, link: string | null): boolean {
  return FAULT_FACTS[kind].isSeen || (link !== null && regionAtEdge(link) !== null);
}
