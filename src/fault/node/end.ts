// Faults after which one node is dead until it is started again.
import type { EndingWay } from '../../topology/system/region.ts';
import { apply, type Fault } from '../fault.ts';
import { nodeHit, proveNode, stillAre } from '../nodes.ts';

export const ENDED = { kill: 'killed', stop: 'stopped' } as const;

type Ends = 'kill-node' | 'stop-node';

export function endsNode(how: EndingWay): Omit<Fault<Ends>, 'kind'> {
  return {
    inject: async (context) => {
      const { node, region } = context.fault;
      await apply(context, context.system.region(region).end(node, how));
      return { detail: `${ENDED[how]} ${node}` };
    },
    prove: async (context) => await proveNode(context, 'dead'),
    look: async (context) => await Promise.all(stillAre(context, [nodeHit(context)], 'dead')),
  };
}
