// The way of a client's request: over the edge link of a region to its app, and on to its stores.
// Where on it a fault lies, and what keeps clients from there.
import { regionOf } from '../../base/node-name.ts';
import { definitionOf, type AnyPlannedFault } from '../fault/registry.ts';
import { edgeLink, regionAtEdge } from './plan.ts';
import type { Reach } from './reach.ts';

export interface Place {
  readonly region: string;
  readonly on: 'edge' | 'app' | 'store';
}

type OfAnyKind = Pick<AnyPlannedFault, 'kind' | 'region' | 'effect'> &
  Readonly<Record<string, unknown>>;

/**
 * Where clients meet it; null: somewhere else, or nowhere. `serving`: the regions that serve before
 * anything happens. What is done to another store is met by who recovers.
 */
export function placeOf(fault: OfAnyKind, reach: Reach, serving: readonly string[]): Place | null {
  const { kind, region, node, effect } = fault;
  const { target, ends } = definitionOf(kind);
  const isServing = (each: string) => serving.includes(each);
  if (target === 'region' && reach.silenced.part !== null) {
    return isServing(region) ? { region, on: 'edge' } : null;
  }
  const edge = reach.links.map(regionAtEdge).find((each) => each !== null);
  if (edge !== undefined) return { region: edge, on: 'edge' };
  const isOfStore = target === 'primary' && ends !== null && effect.service !== 'kept';
  if (typeof node !== 'string' || (target !== 'node' && !isOfStore)) return null;
  const own = regionOf(node);
  if (/\/app-\d+$/.test(node)) return { region: own, on: 'app' };
  return isServing(own) ? { region: own, on: 'store' } : null;
}

/** What keeps clients from all of a region while it answers nobody. */
export function gatesOf(region: string): readonly string[] {
  return [edgeLink(region), region];
}

/** Links, regions and nodes that answer nobody while the fault lasts. */
export function silentParts({ silenced: { links, part } }: Reach): readonly string[] {
  return part === null ? links : [...links, part.name];
}
