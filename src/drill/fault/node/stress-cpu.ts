// stress-cpu: one process or container gets little of the processor, as beside a greedy neighbour.
import { writePercent } from '../../../base/units.ts';
import { percent } from '../../fields.ts';
import { share } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const stressCpu = defineFault({
  ...ON_NODE,
  summary: 'one node gets little of the processor, however much it has to do',
  proof: 'The processor time that the node gets is measured: near what is left to it, or less.',
  settings: {
    node: nodeSetting,
    leaves: percent('2%', '80%')
      .prefault('20%')
      .describe('The share of a processor that is left to it.'),
  },
  planned: { ...ON_NODE.planned, leaves: share },
  ends: 'It gets all it had after so long. Default: after the recovery.',
  plan: ({ node, leaves }) => ({ node, leaves }),
  effect: (planned, around) => effectOnNode(planned, around, null),
  needs: () => ['slow-node'],
  phrase: ({ node, leaves }) => `${node} gets ${writePercent(leaves)} of a processor at most`,
  words: ({ node, leaves }) => [`${node} ${writePercent(leaves)}`],
});
