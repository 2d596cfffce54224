// reset-connections: each connection through a link is reset so long after its first word, which
// nobody gets.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms, name } from '../../planned.ts';
import { defineFault, linkEffect } from '../fault.ts';
import { ON_LINK, ONE_LINK } from './on-link.ts';

export const resetConnections = defineFault({
  ...ON_LINK,
  summary: 'each connection through a link is reset soon after somebody speaks on it',
  proof: 'A question through the link gets no answer, and its connection is reset when due.',
  settings: {
    ...ONE_LINK,
    after: duration('0s', '1m')
      .prefault('0s')
      .describe('So long after the first word on it, which nobody gets, it is reset.'),
  },
  planned: { link: name, after_ms: ms },
  silences: true,
  plan: ({ link, after }, { between }) => ({ link: link ?? between, after_ms: after }),
  effect: (planned, around) => linkEffect(planned, around),
  phrase: ({ link, after_ms }) => {
    const when = after_ms === 0 ? 'at' : `${formatDuration(after_ms)} after`;
    return `link ${link} resets each connection ${when} its first word`;
  },
  words: ({ link, after_ms }) => [`${link} after ${writeDuration(after_ms)}`],
});
