// Faults after which one node is dead until it is started again.
import type { EndingWay } from '../../topology/system/region.ts';
import { apply, type Fault } from '../fault.ts';
import { nodeIs } from '../nodes.ts';

export const ENDED = { kill: 'killed', stop: 'stopped' } as const;

type Ends = 'kill-node' | 'stop-node';

export function endsNode(how: EndingWay): Omit<Fault<Ends>, 'kind'> {
  return {
    inject: async (context) => {
      const { node, region } = context.fault;
      await apply(context, context.system.region(region).end(node, how));
      return { detail: `${ENDED[how]} ${node}` };
    },
    ...nodeIs('dead'),
  };
}
