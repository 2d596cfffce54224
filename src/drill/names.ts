// The strategies that a drill file can name.
/** Of systems that drill makes. */
export const LAB_STRATEGIES = [
  'backup-restore',
  'pilot-light',
  'warm-standby',
  'active-active',
] as const;

/** What stands in the second region of a system that a team runs itself is its own business. */
export const OWN_SYSTEM = 'own-system';

export const STRATEGIES = [...LAB_STRATEGIES, OWN_SYSTEM] as const;
export type Strategy = (typeof STRATEGIES)[number];
