// slow-close: a link carries everything, but the end of a connection comes late: whoever waits for
// it waits, and what is closed is still counted as open.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms, name } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { disturbed, ON_LINK, ONE_LINK } from './on-link.ts';

export const slowClose = defineFault({
  ...ON_LINK,
  summary: 'a connection through a link that one side closes ends late for the other side',
  proof:
    'A connection through the link is closed at the other end, and its end comes so much later.',
  settings: {
    ...ONE_LINK,
    delay: duration('100ms', '1m').prefault('2s').describe('So much later it ends.'),
  },
  planned: { link: name, delay_ms: ms },
  stacksWith: ['latency', 'bandwidth'],
  plan: ({ link, delay }, { between }) => ({ link: link ?? between, delay_ms: delay }),
  effect: () => disturbed(),
  phrase: ({ link, delay_ms }) =>
    `link ${link} ends closed connections ${formatDuration(delay_ms)} later`,
  words: ({ link, delay_ms }) => [`${link} ${writeDuration(delay_ms)}`],
});
