// What a fault reaches: the links that it disturbs, and what answers nobody while it lasts. Whoever
// judges what could be seen of it, beforehand or afterwards, asks here.
import type { Effect } from '../fault/fault.ts';
import { definitionOf, type AnyPlannedFault } from '../fault/registry.ts';
import { edgeLink, replicationLink, type PlannedReplication } from './plan.ts';

export interface SilentPart {
  readonly name: string;
  readonly state: Exclude<Effect['region'], 'untouched'>;
}

export interface Reach {
  /** The links that it disturbs. */
  readonly links: readonly string[];
  readonly silenced: {
    /** Across these nobody gets an answer. */
    readonly links: readonly string[];
    /** A node, the GSLB, or a region with all that is in it; null: every part answers. */
    readonly part: SilentPart | null;
  };
}

type OfAnyKind = Pick<AnyPlannedFault, 'kind' | 'region' | 'effect'>;

export function reachOf(
  fault: OfAnyKind & Readonly<Record<string, unknown>>,
  replication: Pick<PlannedReplication, 'from' | 'to'>,
): Reach {
  const { kind, region, effect, node } = fault;
  const around = { edge: edgeLink(region), between: replicationLink(replication) };
  const definition = definitionOf(kind);
  const links = definition.links?.(fault, around) ?? [];
  const both = effect.region === 'isolated' ? [around.edge, around.between] : [];
  const { region: state } = effect;
  const name = typeof node === 'string' ? node : region;
  const part = state === 'untouched' ? null : { name, state };
  return { links, silenced: { links: definition.silences === true ? links : both, part } };
}
