// restart-node: one process or container ends and is started again at once.
import * as z from 'zod';
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

const how = z.enum(['stop', 'kill']);

export const restartNode = defineFault({
  ...ON_NODE,
  summary: 'one node ends and is started again at once',
  proof: 'The node runs, and whoever runs it says that this is another life.',
  settings: {
    node: nodeSetting,
    how: how.default('stop').describe('stop: it is asked to end. kill: it dies at once.'),
  },
  planned: { ...ON_NODE.planned, how },
  ends: null,
  plan: ({ node, how }) => ({ node, how }),
  effect: (planned, around) => ({ ...effectOnNode(planned, around, null), heals: false }),
  needs: () => ['start-node'],
  phrase: ({ node, how }) =>
    `${node} ${how === 'stop' ? 'is stopped' : 'is killed'} and started again at once`,
  words: ({ node, how }) => [`${node} ${how}`],
});
