// limit-data: each connection through a link is closed once it has carried so much.
import { formatBytes, writeSize } from '../../../base/units.ts';
import { size } from '../../fields.ts';
import { atLeastOne } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { disturbed, fromSetting, ON_LINK, ONE_LINK, oneWay, way, wayWords } from './on-link.ts';

export const limitData = defineFault({
  ...ON_LINK,
  summary: 'each connection through a link is closed once it has carried so much',
  proof: 'More than so much is not carried through the link, and less is.',
  settings: {
    ...ONE_LINK,
    after: size('1kB', '16MB')
      .prefault('64kB')
      .describe('So much of it arrives, on each connection; then the connection is closed.'),
    from: fromSetting,
  },
  planned: { ...way, bytes: atLeastOne },
  plan: ({ link, from, after }, { between }) => {
    return { link: link ?? between, from: from ?? null, bytes: after };
  },
  effect: () => disturbed(),
  phrase: ({ link, from, bytes }) =>
    `link ${link} closes each connection after ${formatBytes(bytes)}${oneWay(from)}`,
  words: ({ link, from, bytes }) => [`${link} ${writeSize(bytes)}`, ...wayWords(from)],
});
