// What each recovery does, by its name in the drill file.
import { RECOVERY_NAMES, recoveryNamed, type RecoveryName } from '../drill/recovery/registry.ts';
import type { Procedure, Runs, Step } from './procedure.ts';
import { promoteAndStart } from './promote-and-start.ts';
import { restoreBackup } from './restore-backup.ts';
import { restoreToPoint } from './restore-to-point.ts';
import { catchUp, fence, promote, redirect, scale } from './steps.ts';
import { switchOver } from './switch-over.ts';

const RUNS: { readonly [N in RecoveryName]: Runs<N> } = {
  'promote-standby': { fence, promote, redirect, scale },
  'promote-and-start': promoteAndStart,
  'switch-over': switchOver,
  'restore-backup': restoreBackup,
  'restore-to-point': restoreToPoint,
  'redirect-clients': { fence, redirect, scale },
  'ride-out': { catchUp },
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
