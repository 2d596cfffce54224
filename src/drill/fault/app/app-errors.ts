// app-errors: one app instance answers a share of its requests with an error, and does nothing for
// them.
import { writePercent } from '../../../base/units.ts';
import { percent } from '../../fields.ts';
import { share } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { appSetting, ON_APP } from './app.ts';

export const appErrors = defineFault({
  ...ON_APP,
  summary: 'one app instance answers a share of its requests with an error',
  proof: 'Requests at the instance’s own port: the stated share gets an error.',
  settings: {
    node: appSetting,
    share: percent('2%', '100%').prefault('50%').describe('The share of requests.'),
  },
  planned: { ...ON_APP.planned, share },
  ends: 'It answers all of them again after so long. Default: after the recovery.',
  plan: ({ node, share }) => ({ node, share }),
  phrase: ({ node, share }) => `${node} answers ${writePercent(share)} of requests with an error`,
  words: ({ node, share }) => [`${node} ${writePercent(share)}`],
});
