// What a fault is to a drill file and to a plan: its settings, what it does to service, region and
// data, and its words. One file per fault; what it takes to break the thing stands in `src/fault/`.
import * as z from 'zod';
import type { Ability } from '../ability.ts';
import type { ValuesOf } from '../planned.ts';
import type { StoreRole } from '../stores.ts';
import type { Strategy } from '../names.ts';
import type { RecoveryName } from '../recovery/registry.ts';

/** What a fault does, as far as anything else asks. It stands in the plan. */
export const effect = z.strictObject({
  /** `lost`: clients of the region are to be served elsewhere. Such a fault is a disaster. */
  service: z.enum(['lost', 'degraded', 'kept']),
  /**
   * What becomes of what it hits, its region or the one node: `frozen` and `isolated` regions are
   * alive.
   */
  region: z.enum(['dead', 'frozen', 'isolated', 'untouched']),
  /** `harmed`: rows are not as clients wrote them. Such a fault is a disaster. */
  data: z.enum(['kept', 'harmed']),
  /** Whether the disks of a dead region can still be read. */
  disks: z.enum(['kept', 'destroyed']),
  /** Whether the health checks report it; else somebody has to notice. */
  seenByChecks: z.boolean(),
  /** Whether it can end while the run lasts: by itself, or after the recovery. */
  heals: z.boolean(),
});
export type Effect = Readonly<z.output<typeof effect>>;

/** An effect on nothing that clients could tell; a fault says what it changes of it. */
export const NO_EFFECT: Effect = {
  service: 'kept',
  region: 'untouched',
  data: 'kept',
  disks: 'kept',
  seenByChecks: false,
  heals: true,
};

/** So much of a stated time has passed at least: timers, and clocks of programs, are not exact. */
export const PASSED_SHARE = 0.9;

/** What of a drill the defaults and the effect of a fault follow from. */
export interface Surroundings {
  readonly strategy: Strategy;
  /** Whether the second region holds backups and nothing else. */
  readonly hasBackups: boolean;
  /** The name of the link between the regions. */
  readonly between: string;
  /** The region that replicates, and the one to which it does. */
  readonly from: string;
  readonly to: string;
  /** The regions that serve clients before anything happens. */
  readonly serving: readonly string[];
}

/** The settings of a fault by the keys of the drill file, as they are after parsing. */
export type SettingsOf<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** A value that a drill file leaves out, and the rule that it follows from. */
export interface Default {
  readonly value: string;
  readonly why: string;
}

/** A setting that makes no sense, and why. */
export interface SettingProblem {
  readonly key: string;
  readonly message: string;
}

/** The links of the region that a fault hits. */
export interface LinksAround {
  /** Between the clients and the region. */
  readonly edge: string;
  readonly between: string;
}

export interface OperatorTimes {
  readonly declared_ms: number;
  readonly mistaken_ms: number;
}

export interface FaultDefinition<
  S extends z.ZodRawShape = z.ZodRawShape,
  P extends z.ZodRawShape = z.ZodRawShape,
> {
  /** One line for `drill list faults`. */
  readonly summary: string;
  /** What shows that it bit, whoever injected it. */
  readonly proof: string;
  /**
   * What it hits. `region`, `node` and `link` are named in the drill file, by settings of that
   * name; `primary`: the store that clients write to, `standby`: the one that follows it; `gslb`:
   * the one GSLB that there is; `operators`: no part of the system, but who recovers it.
   */
  readonly target: 'region' | 'node' | 'link' | 'primary' | 'standby' | 'gslb' | 'operators';
  /** Each with a description. `at`, `for` and `disaster` are every fault's. */
  readonly settings: S;
  /** What the plan holds of the fault besides what it holds of every fault. */
  readonly planned: P;
  /** What `for` means; null: this fault never heals. */
  readonly ends: string | null;
  /** The recovery that answers it as the disaster. Without one it is the strategy's own. */
  readonly recovery?: RecoveryName;
  /**
   * What cannot be held twice: the heal of one such fault would end the other one. The name of a
   * node, of a region (with all nodes in it), or words for something else.
   */
  holds?(planned: ValuesOf<P>, region: string): string | null;
  /** The links that it disturbs; absent: none. */
  links?(planned: ValuesOf<P>, links: LinksAround): readonly string[];
  /** Nobody gets an answer across any of these links while it lasts. */
  readonly silences?: true;
  /** The kinds that can be on the link already when it begins; without it none can. */
  readonly stacksWith?: readonly string[];
  plan(stated: SettingsOf<S>, around: Surroundings): ValuesOf<P>;
  effect(planned: ValuesOf<P>, around: Surroundings): Effect;
  /** What the system must be able to do. */
  needs(planned: ValuesOf<P>): readonly Ability[];
  /** The running store that it disturbs; absent: none. */
  store?(stated: SettingsOf<S>): StoreRole;
  /** Of the operators: how much later they declare, and how long they then recover in vain. */
  operatorsTake?(planned: ValuesOf<P>): OperatorTimes;
  /** What happens, for the plan: `link east-west goes silent both ways`. */
  phrase(planned: ValuesOf<P>): string;
  /** What a comparison of drills says of it: `['delete 50%']`. */
  words(planned: ValuesOf<P>): readonly string[];
  /** Disasters of another variant are not compared: `kill`. */
  variant?(planned: ValuesOf<P>): string;
  /** Defaults that follow from other values, for `drill plan --explain`. */
  defaults?(stated: SettingsOf<S>, around: Surroundings): Readonly<Record<string, Default>>;
  problems?(stated: SettingsOf<S> & { for?: number | undefined }): readonly SettingProblem[];
}

/** Has the compiler infer the types of the settings and of the plan from the definition. */
export function defineFault<S extends z.ZodRawShape, P extends z.ZodRawShape>(
  definition: FaultDefinition<S, P>,
): FaultDefinition<S, P> {
  return definition;
}

export const regionSetting = z.string().optional().describe('The region that it happens to.');
export const linkSetting = z
  .string()
  .optional()
  .describe('The link that it happens to. Default: the one between the regions.');

/** The default of `linkSetting`, in words. */
export function linkDefault({ between }: Surroundings): { readonly link: Default } {
  return { link: { value: between, why: 'the one between the regions' } };
}

/** What a disturbed link does. Health checks cross the edge links, not that of replication. */
export function linkEffect({ link }: { readonly link: string }, { between }: Surroundings): Effect {
  return { ...NO_EFFECT, service: 'degraded', seenByChecks: link !== between };
}
