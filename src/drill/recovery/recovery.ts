// What a recovery is to a drill file and to a plan: its settings, where it fits, and its steps in
// words. One file per recovery; what the steps do stands in `src/recovery/`.
import type * as z from 'zod';
import type { Ability } from '../ability.ts';
import type { ValuesOf } from '../planned.ts';
import type { Strategy } from '../names.ts';

/** Whom the steps are about. */
export interface StepNames {
  /** The region that service leaves, and the one that takes over. */
  readonly from: string;
  readonly to: string;
  /** The stores of the region that takes over: `west/postgres and west/redis`. */
  readonly stores: string;
  /** App instances that the region is scaled to. */
  readonly instances: number;
}

export interface StepWords<P extends object = object> {
  /** For the journal and the reports: `promote the standby`. */
  readonly title: string;
  /** Done once, it cannot be done again: what it was done to is not there any more. */
  readonly isFinal?: true;
  /** For the plan, with names: `promote west/postgres`. */
  phrase(names: StepNames, planned: P): string;
}

export interface RecoveryDefinition<
  S extends z.ZodRawShape = z.ZodRawShape,
  P extends z.ZodRawShape = z.ZodRawShape,
  Steps extends string = string,
> {
  readonly summary: string;
  /** The strategies that it brings service back with. */
  readonly fits: readonly Strategy[];
  readonly needs: readonly Ability[];
  /** What `recover.instances` means; null: it moves no client and scales nothing. */
  readonly instances: string | null;
  /** What `recover.deadline` means. */
  readonly deadline: string;
  /** Keys of its own below `recover`, each optional and with a description. */
  readonly settings: S;
  /** What the plan holds of the recovery besides what it holds of every recovery. */
  readonly planned: P;
  /** What those keys are where a drill file leaves them out, for `drill plan --explain`. */
  readonly defaults?: Readonly<Partial<Record<keyof S, string>>>;
  /** The region that service leaves lives on, so that no fence around it is looked at later. */
  readonly leavesAlive: boolean;
  /** For drills with `disaster: none` only: it moves no service. */
  readonly withoutDisaster?: true;
  plan(stated: z.output<z.ZodObject<S>>): ValuesOf<P>;
  /** In order. `src/recovery/` has the work of each, by the same names. */
  readonly steps: Readonly<Record<Steps, StepWords<ValuesOf<NoInfer<P>>>>>;
}

/** Has the compiler infer the types of settings, plan and steps from the definition. */
export function defineRecovery<
  S extends z.ZodRawShape,
  P extends z.ZodRawShape,
  Steps extends string,
>(definition: RecoveryDefinition<S, P, Steps>): RecoveryDefinition<S, P, Steps> {
  return definition;
}

const DEADLINE = 'service that is not back so long after the disaster counts as never recovered';

/** After most recoveries the old side is dead. */
export const USUAL = { deadline: DEADLINE, leavesAlive: false } as const;
/** What has no settings of its own. */
export const PLAIN = { settings: {}, planned: {}, plan: () => ({}) } as const;

export const STARTED =
  'app instances that are started in the recovery region (default: as many as were lost)';
