// app-errors: one app instance answers a share of its requests with an error. Whether it does is
// counted at its own port.
import { writePercent } from '../../base/units.ts';
import { apply, looked, type Fault } from '../fault.ts';
import { nodeHit } from '../nodes.ts';
import { askApp } from './ask.ts';

const ANSWER_MS = 2_000;
/** On average so many of the requests of a proof get an error; that none does is one in 160,000. */
const ENOUGH = 12;
const LEAST = 50;
/** Standard deviations: what chance does not do. */
const CHANCE = 5;

export const appErrors: Fault<'app-errors'> = {
  kind: 'app-errors',
  inject: async (context) => {
    const { fault, system } = context;
    const { node, share } = fault;
    await apply(context, system.disturbApp(nodeHit(context), { errors: share, delay_ms: 0 }));
    return { detail: `${node} answers ${writePercent(share)} of requests with an error` };
  },
  prove: async (context) => {
    const { node, share } = context.fault;
    const times = Math.max(LEAST, Math.ceil(ENOUGH / share));
    const asked = await askApp(nodeHit(context), times, ANSWER_MS);
    const failed = asked.filter(({ status }) => status === 500).length;
    const spread = CHANCE * Math.sqrt(times * share * (1 - share));
    const ok = failed > 0 && Math.abs(failed - times * share) <= spread;
    const detail = `${failed} of ${times} requests got an error`;
    return [{ name: `${node} answers with errors`, ok, detail }];
  },
  // One error says that it lasts; that there is none says something only of enough requests.
  look: async (context) => {
    const { fault, isAlone, watch_ms } = context;
    if (!isAlone) return [];
    const name = `${fault.node} answers with errors`;
    let isEnough = true;
    const seen = await looked(name, async () => {
      const times = Math.max(LEAST, Math.ceil(ENOUGH / fault.share));
      const asked = await askApp(nodeHit(context), times, watch_ms, watch_ms);
      const failed = asked.filter(({ status }) => status === 500).length;
      isEnough = failed > 0 || asked.length >= times;
      return { ok: failed > 0, detail: `${failed} of ${asked.length} requests got an error` };
    });
    return isEnough ? [seen] : [];
  },
};
