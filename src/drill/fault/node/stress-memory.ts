// stress-memory: one container has hardly more memory than it holds, as beside a greedy neighbour.
import { writePercent } from '../../../base/units.ts';
import { percent } from '../../fields.ts';
import { share } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const stressMemory = defineFault({
  ...ON_NODE,
  summary: 'one node has little more memory than it holds; it may be killed for want of it',
  proof: 'The engine’s counters: it is near its limit, or the kernel killed a process of it.',
  settings: {
    node: nodeSetting,
    share: percent('10%', '99%')
      .prefault('90%')
      .describe('What it holds is that share of what it may have: the rest is left to it.'),
  },
  planned: { ...ON_NODE.planned, share },
  ends: 'It may have what it had, and is started again if it died. Default: after the recovery.',
  plan: ({ node, share }) => ({ node, share }),
  effect: (planned, around) => effectOnNode(planned, around, null),
  needs: () => ['limit-memory', 'start-node'],
  phrase: ({ node, share }) => `${node} holds ${writePercent(share)} of the memory it may have`,
  words: ({ node, share }) => [`${node} ${writePercent(share)}`],
});
