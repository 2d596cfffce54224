// bandwidth: each connection through a link carries so much a second and no more.
import { formatBytes, writeSize } from '../../../base/units.ts';
import { size } from '../../fields.ts';
import { atLeastOne } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { disturbed, fromSetting, ON_LINK, ONE_LINK, oneWay, way, wayWords } from './on-link.ts';

export const bandwidth = defineFault({
  ...ON_LINK,
  summary: 'each connection through a link carries so much a second, each way or one',
  proof: 'Bytes are carried through the link and timed: near the stated rate.',
  settings: {
    ...ONE_LINK,
    per_second: size('1kB', '16MB')
      .prefault('64kB')
      .describe('So much of it arrives in a second, on each connection.'),
    from: fromSetting,
  },
  planned: { ...way, bytes_per_s: atLeastOne },
  stacksWith: ['latency', 'slow-close'],
  plan: ({ link, from, per_second }, { between }) => {
    return { link: link ?? between, from: from ?? null, bytes_per_s: per_second };
  },
  effect: () => disturbed(),
  phrase: ({ link, from, bytes_per_s }) =>
    `link ${link} carries ${formatBytes(bytes_per_s)} a second on each connection${oneWay(from)}`,
  words: ({ link, from, bytes_per_s }) => [
    `${link} ${writeSize(bytes_per_s)} a second`,
    ...wayWords(from),
  ],
});
