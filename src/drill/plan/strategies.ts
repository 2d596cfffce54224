// The four recovery strategies as data: what stands in the second region, and how it is recovered
// with. What else differs between them follows from here. A system that is attached has its own.
import type { Plan, PlannedRegion } from './plan.ts';
import type { Strategy } from '../names.ts';
import type { RecoveryName } from '../recovery/registry.ts';

export interface StrategyFacts {
  /** The role of the second region. */
  readonly second: 'standby' | 'active';
  /** The database that stands there before anything happens. */
  readonly database: 'none' | 'standby' | 'primary';
  /** Whether the app runs there before anything happens. */
  readonly hasApp: boolean;
  /** Base backups and write-ahead log are kept there, and nothing else. */
  readonly hasBackups: boolean;
  /** What the lost region is recovered from with, unless the file says otherwise. */
  readonly recovery: RecoveryName;
  /** Whether drill makes the system, with its app, its links and its GSLB. */
  readonly isLab: boolean;
}

export const STRATEGY_FACTS: Readonly<Record<Strategy, StrategyFacts>> = {
  'backup-restore': {
    second: 'standby',
    database: 'none',
    hasApp: false,
    hasBackups: true,
    recovery: 'restore-backup',
    isLab: true,
  },
  'pilot-light': {
    second: 'standby',
    database: 'standby',
    hasApp: false,
    hasBackups: false,
    recovery: 'promote-and-start',
    isLab: true,
  },
  'warm-standby': {
    second: 'standby',
    database: 'standby',
    hasApp: true,
    hasBackups: false,
    recovery: 'promote-standby',
    isLab: true,
  },
  'active-active': {
    second: 'active',
    database: 'primary',
    hasApp: true,
    hasBackups: false,
    recovery: 'redirect-clients',
    isLab: true,
  },
  'own-system': {
    second: 'standby',
    database: 'standby',
    hasApp: false,
    hasBackups: false,
    recovery: 'itself',
    isLab: false,
  },
};

/** App instances that can ever be in a region: a recovery may add to them where service can go. */
export function mostInstances(
  { strategy, recover, replication }: Pick<Plan, 'strategy' | 'recover' | 'replication'>,
  { name, app }: PlannedRegion,
): number {
  // Where both serve, either may be left alone.
  const mayGrow = name === replication.to || STRATEGY_FACTS[strategy].second === 'active';
  return mayGrow ? Math.max(app.instances, recover.instances) : app.instances;
}
