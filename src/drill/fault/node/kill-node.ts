// kill-node: one process or container dies at once, without a word to anybody.
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const killNode = defineFault({
  ...ON_NODE,
  summary: 'one node is killed at once; when it is healed it is started again',
  proof: 'Whoever runs the node says that it is dead, and nobody answers at its port.',
  settings: { node: nodeSetting },
  ends: 'It is started again after so long. Default: after the recovery.',
  plan: ({ node }) => ({ node }),
  effect: (planned, around) => effectOnNode(planned, around, 'dead'),
  needs: () => ['start-node'],
  phrase: ({ node }) => `${node} is killed at once`,
});
