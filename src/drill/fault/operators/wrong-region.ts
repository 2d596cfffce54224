// wrong-region: the operators first fail over to the region that is lost. They see that it does not
// come, and only then recover the right way.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { ON_OPERATORS } from './operators.ts';

export const wrongRegion = defineFault({
  ...ON_OPERATORS,
  summary: 'the operators first fail over to the region that is lost, and notice it after a while',
  proof: 'The failover failed, and no database of the lost region took a write after it.',
  settings: {
    noticed_after: duration('1s', '24h')
      .prefault('10s')
      .describe('How long they stay at it before the right recovery begins.'),
  },
  planned: { noticed_after_ms: ms },
  plan: ({ noticed_after }) => ({ noticed_after_ms: noticed_after }),
  operatorsTake: ({ noticed_after_ms }) => ({ declared_ms: 0, mistaken_ms: noticed_after_ms }),
  phrase: ({ noticed_after_ms }) =>
    'the operators fail over to the lost region, and notice it after ' +
    formatDuration(noticed_after_ms),
  words: ({ noticed_after_ms }) => [`noticed after ${writeDuration(noticed_after_ms)}`],
});
