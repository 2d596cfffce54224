// The names of strategies and recoveries that a drill file can use. The registry of `recovery/` is
// type-checked against the latter.

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

export const STRATEGIES = [
  'backup-restore',
  'pilot-light',
  'warm-standby',
  'active-active',
] as const;
export type Strategy = (typeof STRATEGIES)[number];
