// latency: a link takes longer than it should, such as the one that replication crosses. What was
// written meanwhile is on its way, and lost with the region that sent it.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms } from '../../planned.ts';
import { defineFault, linkEffect } from '../fault.ts';
import { fromSetting, ON_LINK, ONE_LINK, way, wayWords } from './on-link.ts';

export const latency = defineFault({
  ...ON_LINK,
  summary: 'a link has a longer delay, each way or one: replication falls behind',
  proof: 'A round trip through the link, or a write that crosses it, takes no less than the delay.',
  settings: {
    ...ONE_LINK,
    latency: duration('1ms', '1h').prefault('2s').describe('Its delay, each way.'),
    jitter: duration('0s', '1h')
      .optional()
      .describe('By how much more or less the delay is, by chance. Default: none.'),
    from: fromSetting,
  },
  planned: { ...way, latency_ms: ms, jitter_ms: ms.default(0) },
  stacksWith: ['latency', 'bandwidth', 'slow-close'],
  plan: ({ link, latency: latency_ms, jitter, from }, { between }) => {
    return { link: link ?? between, from: from ?? null, latency_ms, jitter_ms: jitter ?? 0 };
  },
  effect: (planned, around) => linkEffect(planned, around),
  phrase: ({ link, latency_ms, jitter_ms, from }) => {
    const more = jitter_ms === 0 ? '' : ` ± ${formatDuration(jitter_ms)}`;
    const which = from === null ? 'each way' : `for what comes from ${from}`;
    return `link ${link} takes ${formatDuration(latency_ms)}${more} ${which}`;
  },
  words: ({ link, latency_ms, jitter_ms, from }) => {
    const more = jitter_ms === 0 ? '' : ` ± ${writeDuration(jitter_ms)}`;
    return [`${link} ${writeDuration(latency_ms)}${more}`, ...wayWords(from)];
  },
  problems: ({ latency: latency_ms, jitter = 0 }) =>
    jitter <= latency_ms
      ? []
      : [
          {
            key: 'jitter',
            message:
              `the jitter is larger than the latency (${formatDuration(latency_ms)}); ` +
              'no delay is below zero',
          },
        ],
});
