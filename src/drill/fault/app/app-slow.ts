// app-slow: one app instance answers every request later.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { appSetting, ON_APP } from './app.ts';

export const appSlow = defineFault({
  ...ON_APP,
  summary: 'one app instance answers every request later',
  proof: 'Requests at the instance’s own port: each is answered so much later.',
  settings: {
    node: appSetting,
    by: duration('10ms', '1m').prefault('500ms').describe('How much later.'),
  },
  planned: { ...ON_APP.planned, by_ms: ms },
  ends: 'It answers as soon as ever after so long. Default: after the recovery.',
  plan: ({ node, by }) => ({ node, by_ms: by }),
  phrase: ({ node, by_ms }) => `${node} answers ${formatDuration(by_ms)} later`,
  words: ({ node, by_ms }) => [`${node} ${writeDuration(by_ms)}`],
});
