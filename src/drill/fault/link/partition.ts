// partition: a link goes silent, both ways or one, and nobody is told. Where it joins two regions
// that both serve, each of them goes on alone.
import { defineFault, linkEffect } from '../fault.ts';
import { fromSetting, ON_LINK, ONE_LINK, way, wayWords } from './on-link.ts';

export const partition = defineFault({
  ...ON_LINK,
  summary: 'a link goes silent, both ways or one; what it joined goes on alone',
  proof: 'Nothing is heard through the link, or a write does not cross it.',
  settings: { ...ONE_LINK, from: fromSetting },
  planned: way,
  ends: 'It is there again after so long. Default: after the recovery.',
  recovery: 'ride-out',
  silences: true,
  stacksWith: ['latency'],
  plan: ({ link, from }, { between }) => ({ link: link ?? between, from: from ?? null }),
  effect: (planned, around) => linkEffect(planned, around),
  phrase: ({ link, from }) =>
    from === null
      ? `link ${link} goes silent both ways`
      : `link ${link} loses all that comes from ${from}`,
  words: ({ link, from }) => [link, ...wayWords(from)],
});
