// stop-node: one process or container is asked to end, and does in an orderly way.
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const stopNode = defineFault({
  ...ON_NODE,
  summary: 'one node is asked to end and does; when it is healed it is started again',
  proof: 'Whoever runs the node says that it is dead, and nobody answers at its port.',
  settings: { node: nodeSetting },
  ends: 'It is started again after so long. Default: after the recovery.',
  plan: ({ node }) => ({ node }),
  effect: (planned, around) => effectOnNode(planned, around, 'dead'),
  needs: () => ['start-node'],
  phrase: ({ node }) => `${node} is stopped in an orderly way`,
});
