// What each recovery does, by its name in the drill file.
import { type System } from '../topology/system/system.ts';
import { allDone } from '../base/all-done.ts';
import { RECOVERY_NAMES, recoveryNamed, type RecoveryName } from '../drill/recovery/registry.ts';
import type { AnyStep, Procedure, Runs } from './procedure.ts';
import { cancel, release, requireAgain } from './release.ts';
import { itself } from './itself.ts';
import { restoreToPoint } from './restore-to-point.ts';
import { catchUp, fence, promote, redirect, restoreFrom, scale } from './steps.ts';
import { switchOver } from './switch-over.ts';

/** The recoveries of a system of somebody's own. */
type OwnRecovery = 'itself' | 'commands';

type RunsByName = {
  readonly [N in RecoveryName]: N extends OwnRecovery ? Runs<N, System> : Runs<N>;
};

const RUNS: RunsByName = {
  'promote-standby': { fence, promote, redirect, scale },
  // A pilot light's app does not run yet: it is started while the replica is promoted.
  'promote-and-start': {
    fence,
    promoteAndStartApp: async (context) => void (await allDone([promote(context), scale(context)])),
    redirect,
  },
  'switch-over': switchOver,
  // Nothing runs in the recovery region: all the log there is goes onto the newest backup.
  'restore-backup': {
    fence,
    restore: async (context) => await restoreFrom(context, { by: 'all' }),
    start: scale,
    redirect,
  },
  'restore-to-point': restoreToPoint,
  'redirect-clients': { fence, redirect, scale },
  'ride-out': { catchUp },
  release: { release, requireAgain },
  'cancel-sync-wait': { cancel, requireAgain },
  itself,
  commands: {},
  none: {},
};

/** The steps of a recovery, each with its title. */
export function stepsOf(name: RecoveryName): readonly AnyStep[] {
  const runs = RUNS[name] as Readonly<Record<string, AnyStep['run']>>;
  const { steps } = recoveryNamed(name);
  return Object.entries(steps).map(([key, { title }]) => ({ title, run: runs[key]! }));
}

/** Every recovery, in the order in which `drill list recoveries` shows them. */
export const recoveries: readonly Procedure[] = RECOVERY_NAMES.map((name) => {
  return { name, leavesAlive: recoveryNamed(name).leavesAlive, steps: stepsOf(name) };
});
