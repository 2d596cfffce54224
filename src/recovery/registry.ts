// What each recovery does, by its name in the drill file.
import { allDone } from '../base/all-done.ts';
import { RECOVERY_NAMES, recoveryNamed, type RecoveryName } from '../drill/recovery/registry.ts';
import type { Procedure, Runs, Step } from './procedure.ts';
import { cancel, release, requireAgain } from './release.ts';
import { restoreToPoint } from './restore-to-point.ts';
import { catchUp, fence, promote, redirect, restoreFrom, scale } from './steps.ts';
import { switchOver } from './switch-over.ts';

const RUNS: { readonly [N in RecoveryName]: Runs<N> } = {
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
  none: {},
};

/** The steps of a recovery, each with its title. */
export function stepsOf(name: RecoveryName): readonly Step[] {
  const runs: Readonly<Record<string, Step['run']>> = RUNS[name];
  const { steps } = recoveryNamed(name);
  return Object.entries(steps).map(([key, { title }]) => ({ title, run: runs[key]! }));
}

/** Every recovery, in the order in which `drill list recoveries` shows them. */
export const recoveries: readonly Procedure[] = RECOVERY_NAMES.map((name) => {
  return { name, leavesAlive: recoveryNamed(name).leavesAlive, steps: stepsOf(name) };
});
