// latency: a link takes longer than it should, such as the one that replication crosses. What was
// written meanwhile is on its way, and lost with the region that sent it.
import { formatDuration, writeDuration } from '../../base/units.ts';
import { duration } from '../fields.ts';
import { ms, name } from '../planned.ts';
import { defineFault, linkDefault, linkEffect, linkSetting } from './fault.ts';

export const latency = defineFault({
  summary: 'a link has a longer delay, each way: replication falls behind',
  target: 'link',
  settings: {
    link: linkSetting,
    latency: duration('1ms', '1h').prefault('2s').describe('Its delay, each way.'),
  },
  planned: { link: name, latency_ms: ms },
  ends: 'It ends after so long. Default: after the recovery.',
  plan: ({ link, latency }, { between }) => ({ link: link ?? between, latency_ms: latency }),
  effect: (planned, around) => linkEffect(planned, around),
  needs: () => ['disturb-links'],
  phrase: ({ link, latency_ms }) => `link ${link} takes ${formatDuration(latency_ms)} each way`,
  words: ({ link, latency_ms }) => [`${link} ${writeDuration(latency_ms)}`],
  defaults: (_, around) => linkDefault(around),
});
