// refuse: nobody gets through a link, and everybody is told at once.
import { name } from '../../planned.ts';
import { defineFault, linkEffect } from '../fault.ts';
import { ON_LINK, ONE_LINK } from './on-link.ts';

export const refuse = defineFault({
  ...ON_LINK,
  summary: 'a link closes its connections and refuses new ones',
  proof: 'Each proxy of the link is asked: the connection ends without an answer.',
  settings: ONE_LINK,
  planned: { link: name },
  silences: true,
  plan: ({ link }, { between }) => ({ link: link ?? between }),
  effect: (planned, around) => linkEffect(planned, around),
  phrase: ({ link }) => `link ${link} closes its connections and refuses new ones`,
  words: ({ link }) => [link],
});
