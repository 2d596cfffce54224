// The names that a drill file can use. The registries of `fault/` and `recovery/` are type-checked
// against these lists.

export const FAULT_KINDS = [
  'lose-region',
  'maintenance',
  'corrupt-data',
  'break-archive',
  'slow-link',
  'cut-link',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const RECOVERIES = [
  'promote-standby',
  'promote-and-start',
  'switch-over',
  'restore-backup',
  'restore-to-point',
  'redirect-clients',
  'ride-out',
] as const;
export type RecoveryName = (typeof RECOVERIES)[number];

/** How `lose-region` takes a region away. */
export const LOSS_WAYS = ['kill', 'partition', 'freeze'] as const;
export type LossWay = (typeof LOSS_WAYS)[number];

export const STRATEGIES = [
  'backup-restore',
  'pilot-light',
  'warm-standby',
  'active-active',
] as const;
export type Strategy = (typeof STRATEGIES)[number];
