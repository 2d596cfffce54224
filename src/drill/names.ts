// The strategies that a drill file can name.
export const STRATEGIES = [
  'backup-restore',
  'pilot-light',
  'warm-standby',
  'active-active',
] as const;
export type Strategy = (typeof STRATEGIES)[number];
