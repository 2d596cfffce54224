// kill-node: one process or container dies at once. Its siblings and the links live on.
import { apply, type Fault } from './fault.ts';
import { nodeHit, proveNode, stillAre } from './nodes.ts';

export const killNode: Fault<'kill-node'> = {
  kind: 'kill-node',
  inject: async (context) => {
    const { node, region } = context.fault;
    await apply(context, context.system.region(region).end(node, 'kill'));
    return { detail: `killed ${node}` };
  },
  prove: async (context) => await proveNode(context, 'dead'),
  look: async (context) => await Promise.all(stillAre(context, [nodeHit(context)], 'dead')),
};
