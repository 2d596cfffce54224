// blackhole: whoever connects through a link waits for ever; what was connected is closed. With a
// partition nothing is closed, and with refuse nobody waits.
import { name } from '../../planned.ts';
import { defineFault, linkEffect } from '../fault.ts';
import { ON_LINK, ONE_LINK } from './on-link.ts';

export const blackhole = defineFault({
  ...ON_LINK,
  summary: 'a link closes its connections and swallows what is said on new ones',
  proof: 'A new connection through each proxy of the link hears nothing, and is not closed.',
  settings: ONE_LINK,
  planned: { link: name },
  silences: true,
  stacksWith: ['latency'],
  plan: ({ link }, { between }) => ({ link: link ?? between }),
  effect: (planned, around) => linkEffect(planned, around),
  phrase: ({ link }) => `link ${link} closes its connections and swallows new ones`,
  words: ({ link }) => [link],
});
