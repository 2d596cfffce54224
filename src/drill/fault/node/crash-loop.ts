// crash-loop: one process or container dies, is started again and dies again.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

/** Fewer deaths are no loop, and nobody could see that there is one. */
const LEAST_TIMES = 3;

export const crashLoop = defineFault({
  ...ON_NODE,
  summary: 'one node dies, is started again at once, and dies again and again',
  proof: 'Several lives of the node are seen, one after the other.',
  settings: {
    node: nodeSetting,
    every: duration('200ms', '10m').prefault('1s').describe('From one death to the next.'),
  },
  planned: { ...ON_NODE.planned, every_ms: ms },
  ends: 'It is started once more after so long, and stays. Default: after the recovery.',
  plan: ({ node, every }) => ({ node, every_ms: every }),
  effect: (planned, around) => effectOnNode(planned, around, null),
  needs: () => ['start-node'],
  phrase: ({ node, every_ms }) =>
    `${node} dies, is started again at once and dies again every ${formatDuration(every_ms)}`,
  words: ({ node, every_ms }) => [`${node} ${writeDuration(every_ms)}`],
  problems: ({ every, for: lasts_ms }) => {
    const least = LEAST_TIMES * every;
    if (lasts_ms === undefined || lasts_ms >= least) return [];
    const message =
      `a node that dies every ${formatDuration(every)} is in no loop yet when that is over; ` +
      `let it last ${formatDuration(least)} at least, or die more often`;
    return [{ key: 'for', message }];
  },
});
