// freeze-node: every process of one node stands still. Its ports and connections stay open.
import { apply, type Fault } from '../fault.ts';
import { nodeIs } from '../nodes.ts';

export const freezeNode: Fault<'freeze-node'> = {
  kind: 'freeze-node',
  inject: async (context) => {
    const { node, region } = context.fault;
    await apply(context, context.system.region(region).freeze(node));
    return { detail: `${node} stands still` };
  },
  ...nodeIs('frozen'),
};
