// freeze-node: one process or container stands still, and nobody is told.
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const freezeNode = defineFault({
  ...ON_NODE,
  summary: 'one node stands still, its ports and connections stay open',
  proof: 'Whoever runs the node says that it stands still, and nobody answers at its port.',
  settings: { node: nodeSetting },
  ends: 'It goes on after so long. Default: after the recovery.',
  plan: ({ node }) => ({ node }),
  effect: (planned, around) => effectOnNode(planned, around, 'frozen'),
  needs: () => ['freeze'],
  phrase: ({ node }) => `${node} stands still`,
});
