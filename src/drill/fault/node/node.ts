// What all faults on one node have in common: how it is named, and what becomes of the service of
// its region.
import * as z from 'zod';
import { regionOf } from '../../../base/node-name.ts';
import { name } from '../../planned.ts';
import { STORE_ROLES, STORES } from '../../stores.ts';
import { NO_EFFECT, type Effect, type Surroundings } from '../fault.ts';

const ENGINES: readonly string[] = STORE_ROLES.map((role) => STORES[role].engine);

export const nodeSetting = z
  .string()
  .describe('The node that it happens to: `east/app-1`, `west/postgres`, `east/redis`.');

interface OnNode {
  readonly node: string;
}

/** The parts of a definition that are the same for each of them. */
export const ON_NODE = {
  target: 'node',
  planned: { node: name },
  holds: ({ node }: OnNode) => node,
  words: ({ node }: OnNode) => [node],
} as const;

/** Null: all that it hits goes on. */
type State = 'dead' | 'frozen' | null;

/** A region serves nobody without one of its stores; of its app other instances are left. */
export function effectOnNode({ node }: OnNode, { serving }: Surroundings, state: State): Effect {
  const isStore = ENGINES.includes(node.split('/').at(-1)!);
  const isLost = state !== null && isStore && serving.includes(regionOf(node));
  return {
    ...NO_EFFECT,
    service: isLost ? 'lost' : 'degraded',
    region: state ?? 'untouched',
    seenByChecks: isLost,
  };
}
