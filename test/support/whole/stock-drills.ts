// The drills that come with drill: what each must end with, whatever the regions are made of.
import type { Result } from '../../../src/verdict/result.ts';

export interface DrillCase {
  /** In `drills/`. */
  readonly file: string;
  /** Parts that it needs besides the runtime's own. */
  readonly needs: readonly 'redis'[];
  readonly code: number;
  readonly verdict: Result['verdict'];
  /** One for each reason of the result, in their order. */
  readonly reasons: readonly RegExp[];
  /** Whether writes are lost: for certain never, or perhaps. */
  readonly loses: 'nothing' | 'perhaps';
  /** Whether writes may have ended without an answer, since what served them went silent. */
  readonly isSilent: boolean;
  /** Whether two databases that serve hold rows that differ. */
  readonly diverges: boolean;
  /** Whether the old primary's disk is asked; not where it lives on, or the disk is gone. */
  readonly second: 'agrees' | 'lives' | 'destroyed';
  /** Events that the journal has, once or more. */
  readonly events: readonly string[];
}

const PASS: Omit<DrillCase, 'file'> = {
  needs: [],
  code: 0,
  verdict: 'pass',
  reasons: [],
  loses: 'perhaps',
  isSilent: false,
  diverges: false,
  second: 'agrees',
  events: [
    'usage.sampled',
    'fault.proved',
    'disaster.declared',
    'fence.proved',
    'service.sustained',
    'fence.checked',
  ],
};
/** Of a region that lived and was healed. */
const LIVES: typeof PASS = {
  ...PASS,
  isSilent: true,
  events: [...PASS.events, 'fault.healed'],
};

/** Of a region that is restored from backups; its disks are gone. */
const RESTORED: typeof PASS = {
  ...PASS,
  second: 'destroyed',
  events: [...PASS.events, 'backup.taken', 'database.restored'],
};

export const DRILL_CASES: readonly DrillCase[] = [
  { ...PASS, file: 'region-outage.yaml' },
  { ...PASS, file: 'region-outage-sync.yaml', loses: 'nothing' },
  { ...PASS, file: 'region-outage-redis.yaml', needs: ['redis'] },
  { ...LIVES, file: 'region-partition.yaml' },
  { ...LIVES, file: 'region-freeze.yaml' },
  {
    ...{ ...PASS, file: 'planned-switchover.yaml', loses: 'nothing', second: 'lives' },
    events: ['switchover.started', 'fence.proved', 'region.protected', 'service.sustained'],
  },
  { ...PASS, file: 'strategies/pilot-light.yaml' },
  { ...PASS, file: 'strategies/warm-standby.yaml' },
  { ...RESTORED, file: 'strategies/backup-restore.yaml' },
  { ...PASS, file: 'strategies/active-active.yaml' },
  {
    ...{ ...PASS, file: 'strategies/active-active-partition.yaml', code: 1, verdict: 'fail' },
    reasons: [/not the same in two serving databases/, /^\d+ rows? differs? between the serving/],
    ...{ loses: 'nothing', diverges: true, second: 'lives' },
    events: ['fault.proved', 'disaster.declared', 'fault.healed', 'row.diverged'],
  },
  {
    ...{ ...RESTORED, file: 'point-in-time.yaml', loses: 'nothing', second: 'agrees' },
    events: [...RESTORED.events, 'data.harmed', 'data.verified'],
  },
  {
    ...{ ...RESTORED, file: 'backup-gap.yaml', code: 1, verdict: 'fail' },
    reasons: [/^RPO .* is .* over its target of 2 s\.$/],
  },
  {
    ...{ ...PASS, file: 'lagging-replica.yaml', code: 1, verdict: 'fail' },
    reasons: [/^RPO .* is .* over its target of 500 ms\.$/],
    events: [...PASS.events, 'exposure.previewed', 'fault.healed'],
  },
  {
    ...{ ...PASS, file: 'too-tight.yaml', code: 1, verdict: 'fail' },
    reasons: [/^RTO .* is .* over its target of 500 ms\.$/],
  },
];
