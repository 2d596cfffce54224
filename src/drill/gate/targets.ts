// The targets of a drill file and of a plan, which follow from the gates. A gate whose name has a
// dot stands in a mapping of its own: `redis.rpo` is `redis: { rpo: 1s }`.
import * as z from 'zod';
import { count, ms, share } from '../planned.ts';
import type { GateDefinition, TargetRules } from './gate.ts';
import { GATES, type GateEntry } from './registry.ts';

type Nested = Extract<GateEntry, { name: `${string}.${string}` }>;
type Plain = Exclude<GateEntry, Nested>;
type LastOf<Name> = Name extends `${string}.${infer Key}` ? Key : Name;

/** `rto` is `rto_ms` in a plan, as every time is named there. */
type PlanKey<E extends GateEntry> = E['unit'] extends 'ms'
  ? `${LastOf<E['name']> & string}_ms`
  : LastOf<E['name']> & string;
/** Null where the file states none. */
type Planned<E extends GateEntry> =
  undefined extends z.output<E['target']> ? number | null : number;

/** Times in milliseconds. */
export type Targets = { readonly [E in Plain as PlanKey<E>]: Planned<E> } & {
  readonly redis: { readonly [E in Nested as PlanKey<E>]: Planned<E> } | null;
  /** Whether a write that is present more than once fails the run. */
  readonly duplicates: 'fail' | 'allow';
} & TargetRules;

type PlainShape = { readonly [E in Plain as E['name']]: E['target'] };
type NestedShape = { readonly [E in Nested as LastOf<E['name']> & string]: E['target'] };

const isNested = ({ name }: GateDefinition) => name.includes('.');
const lastOf = (name: string) => name.slice(name.indexOf('.') + 1);
const planKey = ({ name, unit }: GateDefinition) => `${lastOf(name)}${unit === 'ms' ? '_ms' : ''}`;
const shapeOf = (gates: readonly GateDefinition[]) =>
  Object.fromEntries(gates.map(({ name, target }) => [lastOf(name), target]));

const RTO_FROM = ['fault', 'effect', 'declaration'] as const;
const DUPLICATES = ['fail', 'allow'] as const;

export const targetsSchema = z
  .strictObject({
    ...(shapeOf(GATES.filter((gate) => !isNested(gate))) as PlainShape),
    rto_from: z
      .enum(RTO_FROM)
      .default('fault')
      .describe(
        'Where the clock of `rto` starts: at the fault (the strictest), at the effect (when a ' +
          'fault on a system of your own was first seen to bite), or at the declaration.',
      ),
    duplicates: z
      .enum(DUPLICATES)
      .default('fail')
      .describe('Whether a write that is present more than once fails the run.'),
    redis: z
      .strictObject(shapeOf(GATES.filter(isNested)) as NestedShape)
      .optional()
      .describe('Targets of the second store, `topology.redis`.'),
  })
  .describe('What the drill promises; each is measured and judged.');

/** The targets that plans had from the beginning: one that lacks any of them is damaged. */
const FIRST_KEYS = ['rto_ms', 'rto_from', 'rpo_ms', 'lost_writes', 'p99_latency_ms', 'split_brain'];

const PLANNED = { ms, writes: count, share } as const;

/** The targets as a plan holds them: a time, a number of writes or a share, and null for none. */
export const plannedTargets = z.strictObject({
  ...(plannedShape(GATES.filter((gate) => !isNested(gate))) as PlannedShape<Plain>),
  rto_from: z.enum(RTO_FROM),
  duplicates: z.enum(DUPLICATES).optional(),
  redis: z
    .strictObject(plannedShape(GATES.filter(isNested)) as PlannedShape<Nested>)
    .nullable()
    .optional(),
});

type PlannedShape<E extends GateEntry> = {
  readonly [Each in E as PlanKey<Each>]: z.ZodNullable<z.ZodNumber>;
};

function plannedShape(gates: readonly GateDefinition[]) {
  return Object.fromEntries(
    gates.map((gate) => {
      const [key, value] = [planKey(gate), PLANNED[gate.unit]];
      const stated = gate.target.safeParse(undefined).success ? value.nullable() : value;
      return [key, FIRST_KEYS.includes(key) ? stated : stated.optional()];
    }),
  );
}

export type StatedTargets = z.output<typeof targetsSchema>;

/** The targets of a plan, as a drill file states them. */
export function planTargets(stated: StatedTargets): Targets {
  const { rto_from, duplicates, redis = null } = stated;
  return {
    ...valuesOf(
      GATES.filter((gate) => !isNested(gate)),
      stated,
    ),
    rto_from,
    duplicates,
    redis: redis && valuesOf(GATES.filter(isNested), redis),
  } as Targets;
}

function valuesOf(gates: readonly GateDefinition[], stated: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    gates.map((gate) => [planKey(gate), stated[lastOf(gate.name)] ?? null]),
  );
}

/** Null where a plan has no target for the gate. */
export function targetOf(gate: GateDefinition, targets: Targets): number | null {
  const place = (isNested(gate) ? targets.redis : targets) as Readonly<
    Record<string, number | null>
  > | null;
  return place === null ? null : place[planKey(gate)]!;
}

/** What a plan that was written before some gates existed lacks: it promised nothing of them. */
export function laterTargets(targets: Targets): Targets {
  const none = planTargets({} as StatedTargets);
  const later = Object.entries(none).filter(([key]) => !FIRST_KEYS.includes(key));
  return { ...Object.fromEntries(later), ...targets };
}
