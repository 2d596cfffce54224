// The GSLB of the embedded runtime: a program of this run on loopback.
import type { GslbAddress, GslbSettings } from '../../gslb/protocol.ts';
import { gslbOver, RegionWatch, untilServing, type RunningGslb } from '../assembled/gslb.ts';
import { spawnNode, type NodeContext, type ProgramNode } from './nodes.ts';

const MODULE = new URL('../../gslb/main.ts', import.meta.url);

/** The GSLB with its process. */
export interface EmbeddedGslb extends RunningGslb {
  readonly node: ProgramNode;
}

/**
 * Spawns the program; `begin` tells it its endpoints, and resolves once it answers with a healthy
 * region.
 */
export function spawnGslb(context: NodeContext): {
  readonly node: ProgramNode;
  begin(settings: GslbSettings, signal: AbortSignal): Promise<EmbeddedGslb>;
} {
  const watch = new RegionWatch(context.emit);
  const node = spawnNode(context, 'gslb', MODULE, (name, body) => watch.take(name, body));
  return {
    node,
    begin: async (settings, signal) => {
      const address = (await node.begin(settings)) as GslbAddress;
      const gslb = gslbOver(node.program, address, watch, context.clock);
      await untilServing(gslb, settings.serving, context.clock, signal);
      return { ...gslb, node };
    },
  };
}
