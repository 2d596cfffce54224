// fill-disk: the disk of one store is full, but for what the drill file leaves.
import { writePercent } from '../../../base/units.ts';
import { percent } from '../../fields.ts';
import { share } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from './node.ts';

export const fillDisk = defineFault({
  ...ON_NODE,
  summary: 'the disk of one store is filled up; it refuses writes, or ends',
  proof: 'The free space is asked from outside, and a write is refused.',
  settings: {
    node: nodeSetting.describe(
      'The store that it happens to: `east/postgres`. In such a drill it has a disk of 512 MB.',
    ),
    free: percent('0%', '50%').prefault('0%').describe('The share of the disk that stays free.'),
  },
  planned: { ...ON_NODE.planned, free: share },
  ends: 'There is room again, and it is started again if it died. Default: after the recovery.',
  plan: ({ node, free }) => ({ node, free }),
  // Health checks are answered by a PostgreSQL whose log still has room in the file it has begun.
  effect: (planned, around) => {
    const { service } = effectOnNode(planned, around, planned.free === 0 ? 'dead' : null);
    const seenByChecks = service === 'lost' && planned.node.endsWith('/redis');
    return { ...effectOnNode(planned, around, null), service, seenByChecks };
  },
  needs: () => ['bound-disk', 'start-node'],
  phrase: ({ node, free }) => `the disk of ${node} is full${free === 0 ? '' : but(free)}`,
  words: ({ node, free }) => [`${node} ${writePercent(free)}`],
  problems: ({ node }) => {
    if (!/\/app-\d+$/.test(node)) return [];
    const message = `expected a store such as east/postgres, got ${node}, which writes to no disk`;
    return [{ key: 'node', message }];
  },
});

const but = (free: number) => ` but for ${writePercent(free)}`;
