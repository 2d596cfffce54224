// partition: a link goes silent both ways, and nobody is told. Where it joins two regions that both
// serve, each of them goes on alone.
import { name } from '../planned.ts';
import { defineFault, linkDefault, linkEffect, linkSetting } from './fault.ts';

export const partition = defineFault({
  summary: 'a link goes silent both ways; what it joined goes on alone',
  target: 'link',
  settings: { link: linkSetting },
  planned: { link: name },
  ends: 'It is there again after so long. Default: after the recovery.',
  recovery: 'ride-out',
  plan: ({ link }, { between }) => ({ link: link ?? between }),
  effect: (planned, around) => linkEffect(planned, around),
  needs: () => ['disturb-links'],
  phrase: ({ link }) => `link ${link} goes silent both ways`,
  words: ({ link }) => [link],
  defaults: (_, around) => linkDefault(around),
});
