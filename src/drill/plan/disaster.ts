// What the faults of a drill file would do, before there is a plan: their effects, their order, and
// which of them is the disaster.
import type { Effect, Surroundings } from '../fault/fault.ts';
import { definitionOf, type DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import type { Strategy } from '../names.ts';
import { replicationLink } from './plan.ts';
import { STRATEGY_FACTS } from './strategies.ts';

/** As much of a drill as the effects of its faults follow from. */
type Broken = Pick<Drill, 'faults' | 'topology'>;
type System = Pick<Drill, 'topology'>;

/** Between the two regions: from the active one, or the first of two active ones. */
export function replicationEnds({ topology }: System): [string, string] | null {
  const regions = Object.entries(topology.regions);
  const from = regions.find(([, { role }]) => role === 'active')?.[0];
  const to = regions.find(([name]) => name !== from)?.[0];
  return from === undefined || to === undefined ? null : [from, to];
}

function surroundingsOf({ topology }: System): Surroundings {
  const [from, to] = replicationEnds({ topology }) ?? ['', ''];
  return surroundingsIn({ strategy: topology.strategy, replication: { from, to } });
}

/** The same for a plan. */
export function surroundingsIn({
  strategy,
  replication,
}: {
  readonly strategy: Strategy;
  readonly replication: { readonly from: string; readonly to: string };
}): Surroundings {
  const { hasBackups } = STRATEGY_FACTS[strategy];
  return { strategy, hasBackups, between: replicationLink(replication) };
}

/** What a plan holds of a fault as its own, and what the fault does. */
export function outcomeOf(fault: DrillFault, system: System) {
  const definition = definitionOf(fault.kind);
  const around = surroundingsOf(system);
  const own = definition.plan(fault, around);
  return { own, effect: definition.effect(own, around), needs: definition.needs(own) };
}

export function effectOf(fault: DrillFault, system: System): Effect {
  return outcomeOf(fault, system).effect;
}

/** Whether a fault is no disaster but a circumstance of one, and may last. */
export function isCondition({ service, data }: Effect): boolean {
  return service !== 'lost' && data === 'kept';
}

/** Which of the faults, in the order of their times, is the disaster. */
export function disasterAmong(faults: readonly DrillFault[], system: System): number {
  const effects = faults.map((fault) => effectOf(fault, system));
  const candidates = [
    faults.findIndex(({ disaster }) => disaster === true),
    effects.findIndex(({ service }) => service === 'lost'),
    effects.findIndex((effect) => !isCondition(effect)),
    // Of mere conditions, the one that something is done about.
    faults.findIndex(({ kind }) => definitionOf(kind).recovery !== undefined),
  ];
  return candidates.find((index) => index >= 0) ?? 0;
}

/** A fault of a drill file, and which of its faults it is. */
interface Placed {
  readonly fault: DrillFault;
  readonly index: number;
}

/** In the order of their times, with their places in the file. */
export function inOrder(faults: readonly DrillFault[]): Placed[] {
  const placed = faults.map((fault, index) => ({ fault, index }));
  const isLater = ({ fault }: Placed) => Number(!fault.at.beforehand);
  return placed.sort((a, b) => isLater(a) - isLater(b) || a.fault.at.from_ms - b.fault.at.from_ms);
}

/** The disaster of a drill file, in whatever order its faults stand there. */
export function disasterOf({ faults, topology }: Broken): Placed {
  const ordered = inOrder(faults);
  const among = disasterAmong(
    ordered.map(({ fault }) => fault),
    { topology },
  );
  return ordered[among]!;
}
