// flaky: some connections through a link are reset and the others are as ever, by chance.
import { formatPercent, writePercent } from '../../../base/units.ts';
import { percent } from '../../fields.ts';
import { name, share } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { disturbed, ON_LINK, ONE_LINK } from './on-link.ts';

export const flaky = defineFault({
  ...ON_LINK,
  summary: 'a share of the connections through a link is reset, by chance',
  proof: 'Many connections are tried: some are reset and some are not, near the stated share.',
  settings: {
    ...ONE_LINK,
    share: percent('5%', '95%').prefault('20%').describe('How many of them.'),
  },
  planned: { link: name, share },
  plan: ({ link, share: of_all }, { between }) => ({ link: link ?? between, share: of_all }),
  effect: () => disturbed(),
  phrase: (planned) =>
    `link ${planned.link} resets ${formatPercent(planned.share)} of its connections`,
  words: (planned) => [`${planned.link} ${writePercent(planned.share)}`],
});
