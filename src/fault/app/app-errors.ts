// app-errors: one app instance answers a share of its requests with an error. Whether it does is
// counted at its own port.
import { writePercent } from '../../base/units.ts';
import { apply, lookedAlone, type Fault, type FaultContext } from '../fault.ts';
import { nodeHit } from '../nodes.ts';
import { isShareOf } from '../tries.ts';
import { askApp } from './ask.ts';

const ANSWER_MS = 2_000;
/** On average so many of the requests of a proof get an error; that none does is one in 160,000. */
const ENOUGH = 12;
const LEAST = 50;
/** Standard deviations: what chance does not do. */
const CHANCE = 5;

type Context = FaultContext<'app-errors'>;

export const appErrors: Fault<'app-errors'> = {
  kind: 'app-errors',
  inject: async (context) => {
    const { fault, system } = context;
    const { node, share } = fault;
    await apply(context, system.disturbApp(nodeHit(context), { errors: share, delay_ms: 0 }));
    return { detail: `${node} answers ${writePercent(share)} of requests with an error` };
  },
  prove: async (context) => {
    const { share } = context.fault;
    const { failed, asked, detail } = await countErrors(context, ANSWER_MS);
    const ok = failed > 0 && isShareOf(failed, asked, { share, deviations: CHANCE });
    return [{ name: nameOf(context), ok, detail }];
  },
  // One error says that it lasts; that there is none says something only of enough requests.
  look: async (context) =>
    await lookedAlone(context, nameOf(context), async () => {
      const half_ms = context.watch_ms / 2; // the last is asked by then, and has as long
      const { failed, isEnough, detail } = await countErrors(context, half_ms, half_ms);
      return failed > 0 || isEnough ? { ok: failed > 0, detail } : null;
    }),
};

function nameOf({ fault }: Context): string {
  return `${fault.node} answers with errors`;
}

async function countErrors(context: Context, each_ms: number, within_ms?: number) {
  const times = Math.max(LEAST, Math.ceil(ENOUGH / context.fault.share));
  const at = await context.system.directAt(nodeHit(context));
  const replies = await askApp(at, times, each_ms, within_ms);
  const failed = replies.filter(({ status }) => status === 500).length;
  const asked = replies.length;
  const detail = `${failed} of ${asked} requests got an error`;
  return { failed, asked, isEnough: asked >= times, detail };
}
