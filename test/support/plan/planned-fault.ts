// A fault of a plan with the effect that its settings have, for tests that write plans by hand.
import * as z from 'zod';
import { NO_EFFECT } from '../../../src/drill/fault/fault.ts';
import { definitionOf, isOfOperators, OPERATORS } from '../../../src/drill/fault/registry.ts';
import type {
  AnyPlannedFault,
  FaultKind,
  PlannedFault,
} from '../../../src/drill/fault/registry.ts';

/** What a plan of before may lack. */
type Later = 'from' | 'jitter_ms';
type OfKind<K extends FaultKind> = Omit<PlannedFault<K>, keyof AnyPlannedFault>;
/** What is a fault's own in a plan. */
type Own<K extends FaultKind> = Omit<OfKind<K>, Later> &
  Partial<Pick<OfKind<K>, Later & keyof OfKind<K>>>;

/** The disaster, 2 s after the steady state in `east`, but for what `changes` says. */
export function plannedFault<K extends FaultKind>(
  kind: K,
  stated: Own<K>,
  changes: Partial<AnyPlannedFault> = {},
): PlannedFault<K> {
  const own = z.object(definitionOf(kind).planned).parse(stated);
  const between = 'east-west';
  const strategy = 'warm-standby';
  const ends = { from: 'east', to: 'west', between } as const;
  const around = { strategy, hasBackups: false, ...ends, serving: ['east'] } as const;
  const all: AnyPlannedFault = {
    index: 0,
    kind,
    region: 'east',
    at_ms: 2000,
    beforehand: false,
    disaster: true,
    heal_after_ms: null,
    effect: NO_EFFECT,
    ...(isOfOperators(kind) ? { region: OPERATORS, at_ms: 0, disaster: false } : {}),
    ...changes,
  };
  const effect = definitionOf(kind).effect({ ...all, ...own }, around);
  return { ...all, effect, ...own } as PlannedFault<K>;
}
