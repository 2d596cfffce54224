// What the faults of a drill file would do: their effects, their order, which is the disaster.
import type { Effect, OperatorTimes, Surroundings } from '../fault/fault.ts';
import {
  definitionOf,
  isOfOperators,
  type DrillFault,
  type FaultKind,
  type PlannedFault,
} from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import type { Strategy } from '../names.ts';
import { hasDisaster } from './clock.ts';
import { replicationLink, type PlannedReplication } from './plan.ts';
import { reachOf } from './reach.ts';
import { STRATEGY_FACTS } from './strategies.ts';

type System = Pick<Drill, 'topology'>;

/** From the active region, or the first of two, to the other one; empty texts where one lacks. */
export function replicationEnds({ topology }: System): [from: string, to: string] {
  const regions = Object.entries(topology.regions);
  const from = regions.find(([, { role }]) => role === 'active')?.[0];
  const to = regions.find(([name]) => name !== from)?.[0];
  return from === undefined || to === undefined ? ['', ''] : [from, to];
}

export function surroundingsIn(
  strategy: Strategy,
  replication: Pick<PlannedReplication, 'from' | 'to'>,
): Surroundings {
  const { hasBackups, second } = STRATEGY_FACTS[strategy];
  const { from, to } = replication;
  const serving = second === 'active' ? [from, to] : [from];
  return { strategy, hasBackups, between: replicationLink(replication), from, to, serving };
}

/** What a plan holds of a fault as its own, what the fault does, and what it reaches. */
export function outcomeOf(fault: DrillFault, system: System) {
  const definition = definitionOf(fault.kind);
  const [from, to] = replicationEnds(system);
  const around = surroundingsIn(system.topology.strategy, { from, to });
  const own = definition.plan(fault, around);
  const alone = definition.effect(own, around);
  const effect = { ...alone, ...atStandby(alone, fault, system) };
  const { kind, region = from } = fault;
  return {
    own,
    effect,
    needs: definition.needs(own),
    ...reachOf({ ...own, kind, region, effect }, { from, to }),
  };
}

/** What a plan holds of a fault as its own. */
type OwnOfFault = { readonly kind: FaultKind } & Readonly<Record<string, unknown>>;

/** What the faults on the operators add to the time that a recovery takes without them. */
export function operatorsTake(faults: readonly OwnOfFault[]): OperatorTimes {
  const all = faults.flatMap((fault) => definitionOf(fault.kind).operatorsTake?.(fault) ?? []);
  const sum = (of: keyof OperatorTimes) => all.reduce((total, each) => total + each[of], 0);
  return { declared_ms: sum('declared_ms'), mistaken_ms: sum('mistaken_ms') };
}

export function effectOf(fault: DrillFault, system: System): Effect {
  return outcomeOf(fault, system).effect;
}

/** Nobody is served by a standby; who commits may wait for it. */
function atStandby(
  { service }: Effect,
  { region }: DrillFault,
  { topology: { regions, replication } }: System,
): Partial<Effect> {
  if (service !== 'lost' || region === undefined) return {};
  if (regions[region]?.role !== 'standby') return {};
  return { service: replication.mode === 'sync' ? 'degraded' : 'kept' };
}

/** Whether a fault is no disaster but a circumstance of one, and may last. */
export function isCircumstance({ service, data }: Effect): boolean {
  return service !== 'lost' && data === 'kept';
}

/**
 * At which of the faults, in the order of their times, the clock starts: the disaster, or the first
 * after the steady state where there is none.
 */
export function disasterAmong(
  faults: readonly DrillFault[],
  system: Pick<Drill, 'topology' | 'disaster'>,
): number {
  if (!hasDisaster(system))
    return Math.max(
      0,
      faults.findIndex(({ at }) => !at.beforehand),
    );
  const effects = faults.map((fault) => effectOf(fault, system));
  const candidates = [
    faults.findIndex(({ disaster }) => disaster === true),
    effects.findIndex(({ service }) => service === 'lost'),
    effects.findIndex((effect) => !isCircumstance(effect)),
    // Of mere circumstances, the one that something is done about.
    faults.findIndex(({ kind }) => definitionOf(kind).recovery !== undefined),
  ];
  return candidates.find((index) => index >= 0) ?? 0;
}

/** Where a file says nothing of `wait_at_most`. */
const WAIT_MS = 60_000;

/** How long it waits for its condition at most; 0 where it has none. */
export function waitMsOf({
  when,
  wait_at_most = WAIT_MS,
}: Pick<DrillFault, 'when' | 'wait_at_most'>): number {
  return when === undefined ? 0 : wait_at_most;
}

/** The latest at which it can begin, for the last time, after the steady state. */
export function beginsByMs(
  fault: Pick<DrillFault, 'at' | 'when' | 'wait_at_most' | 'repeat'>,
): number {
  const { times, every } = fault.repeat ?? { times: 1, every: 0 };
  return fault.at.to_ms + (times - 1) * every + waitMsOf(fault);
}

/**
 * Commands on a system of somebody's own that come at the same moment are one blow: the clock
 * starts at the first, and nothing is recovered before the last.
 */
export function areAtOnce(
  one: Pick<DrillFault, 'kind' | 'at' | 'when' | 'repeat'>,
  other: Pick<DrillFault, 'kind' | 'at' | 'when' | 'repeat'>,
): boolean {
  const isFixed = ({ kind, at, when, repeat }: typeof one) =>
    kind === 'command' && at.from_ms === at.to_ms && when === undefined && repeat === undefined;
  const isSame = one.at.from_ms === other.at.from_ms && one.at.beforehand === other.at.beforehand;
  return isFixed(one) && isFixed(other) && isSame;
}

/** The same of a plan: those that come with the fault, itself included. */
export function comingWith<F extends Pick<PlannedFault, 'kind' | 'at_ms' | 'beforehand' | 'when'>>(
  fault: F,
  faults: readonly F[],
): F[] {
  if (fault.kind !== 'command' || fault.when !== undefined) return [fault];
  const { at_ms, beforehand } = fault;
  return faults.filter((each) => {
    const isSame = each.at_ms === at_ms && each.beforehand === beforehand;
    return each.kind === 'command' && each.when === undefined && isSame;
  });
}

/** In the order of their times, with their places in the file. */
export function inOrder(faults: readonly DrillFault[]) {
  return byTime(faults.map((fault, index) => ({ fault, index, at_ms: fault.at.from_ms })));
}

/** What is there beforehand comes first; what the operators do comes last, in the recovery. */
export function byTime<T extends { readonly fault: DrillFault; readonly at_ms: number }>(
  faults: readonly T[],
): T[] {
  const rank = ({ fault }: T) => (isOfOperators(fault.kind) ? 2 : Number(!fault.at.beforehand));
  return faults.toSorted((a, b) => rank(a) - rank(b) || a.at_ms - b.at_ms);
}

/** The disaster of a drill file, in whatever order its faults stand there, and what it does. */
export function disasterOf(drill: Pick<Drill, 'faults' | 'topology' | 'disaster'>) {
  const ordered = inOrder(drill.faults);
  const faults = ordered.map(({ fault }) => fault);
  const { fault, index } = ordered[disasterAmong(faults, drill)]!;
  return { fault, index, ...outcomeOf(fault, drill) };
}
