// What the faults on the operators have in common: they break no node, they change what people do
// once the disaster has come. So they have no moment of their own, and nothing to heal.
import { NO_EFFECT, type Effect } from '../fault.ts';

/** The parts of a definition that are the same for each of them. */
export const ON_OPERATORS = {
  target: 'operators',
  ends: null,
  effect: (): Effect => ({ ...NO_EFFECT, heals: false }),
  needs: () => [],
} as const;
