// Every recovery, in the order in which `drill list recoveries` shows them. What a drill file may
// say, what a plan holds and what `src/recovery/` has to have follow from here.
import * as z from 'zod';
import { count, ms, oneOf, type ValuesOf } from '../planned.ts';
import { plannedBack, type BackStep } from './back.ts';
import { plannedSteps, type PlannedStep } from './by-hand.ts';
import { plannedMaxLoss, type MaxLoss } from './max-loss.ts';
import { cancelSyncWait } from './cancel-sync-wait.ts';
import { commands } from './commands.ts';
import { itself } from './itself.ts';
import { none } from './none.ts';
import { promoteAndStart } from './promote-and-start.ts';
import { promoteStandby } from './promote-standby.ts';
import type { RecoveryDefinition, StepWords } from './recovery.ts';
import { redirectClients } from './redirect-clients.ts';
import { releaseStandby } from './release.ts';
import { plannedRetries, type Retries } from './retries.ts';
import { restoreBackup } from './restore-backup.ts';
import { restoreToPoint } from './restore-to-point.ts';
import { rideOut } from './ride-out.ts';
import { switchOver } from './switch-over.ts';

const RECOVERIES = {
  'promote-standby': promoteStandby,
  'promote-and-start': promoteAndStart,
  'switch-over': switchOver,
  'restore-backup': restoreBackup,
  'restore-to-point': restoreToPoint,
  'redirect-clients': redirectClients,
  'ride-out': rideOut,
  release: releaseStandby,
  'cancel-sync-wait': cancelSyncWait,
  itself,
  commands,
  none,
};

type Recoveries = typeof RECOVERIES;
export type RecoveryName = keyof Recoveries;
export const RECOVERY_NAMES = Object.keys(RECOVERIES) as RecoveryName[];

export type StepsOf<N extends RecoveryName> = keyof Recoveries[N]['steps'];

/** The definition by its name, for whoever asks it of any recovery. */
export function recoveryNamed(name: RecoveryName): RecoveryDefinition {
  return RECOVERIES[name];
}

/** What a drill file calls the steps of a recovery, in order: `promote-and-start-app`. */
export function stepNames(recovery: RecoveryName): string[] {
  const keys = Object.keys(recoveryNamed(recovery).steps);
  return keys.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

/** The step that a drill file calls so; undefined: the recovery has none. */
export function stepNamed(recovery: RecoveryName, name: string): StepWords | undefined {
  return Object.values(recoveryNamed(recovery).steps)[stepNames(recovery).indexOf(name)];
}

/** The settings of all recoveries together, each optional in a drill file. */
type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void
  ? A
  : never;
type OwnSettings = Together<Recoveries[RecoveryName]['settings']>;

/** The keys of their own that recoveries have below `recover` in a drill file. */
export const RECOVERY_SETTINGS = Object.assign(
  {},
  ...RECOVERY_NAMES.map((name) => RECOVERIES[name].settings),
) as OwnSettings;

/** The recovery of a plan: what every recovery has, and what is its own. */
export type PlannedRecovery<N extends RecoveryName = RecoveryName> = {
  [Each in N]: AnyPlannedRecovery<Each> & ValuesOf<Recoveries[Each]['planned']>;
}[N];

/** What a plan holds of every recovery. */
export const everyRecovery = {
  /** After the disaster; service that is not back by then counts as never recovered. */
  deadline_ms: ms,
  /** App instances that the recovery region is scaled to. */
  instances: count,
};

type AnyPlannedRecovery<N extends RecoveryName> = {
  readonly with: N;
  /** Where the drill file has a limit. */
  readonly max_loss?: MaxLoss;
  /** Where a step that fails is tried again. */
  readonly retries?: Retries;
  /** Where the drill file has steps of its own among them. */
  readonly steps?: readonly PlannedStep[];
  /** The way back of a system of somebody's own. */
  readonly back?: readonly BackStep[];
} & ValuesOf<typeof everyRecovery>;

export const plannedRecovery = oneOf(
  'with',
  RECOVERY_NAMES.map((each) => {
    return z.strictObject({
      ...everyRecovery,
      max_loss: plannedMaxLoss.exactOptional(),
      retries: plannedRetries.exactOptional(),
      steps: plannedSteps.exactOptional(),
      back: plannedBack.exactOptional(),
      with: z.literal(each),
      ...recoveryNamed(each).planned,
    });
  }),
);
