// app-slow: one app instance answers later. How much later is measured at its own port.
import { PASSED_SHARE } from '../../drill/fault/fault.ts';
import { apply, lookedAlone, type Fault, type FaultContext } from '../fault.ts';
import { nodeHit } from '../nodes.ts';
import { askApp } from './ask.ts';

const TIMES = 5;
const SPARE_MS = 5_000;

export const appSlow: Fault<'app-slow'> = {
  kind: 'app-slow',
  inject: async (context) => {
    const { fault, system } = context;
    const { node, by_ms } = fault;
    await apply(context, system.disturbApp(nodeHit(context), { errors: 0, delay_ms: by_ms }));
    return { detail: `${node} answers ${by_ms} ms later` };
  },
  prove: async (context) => {
    const { ok, detail } = await seen(context, context.fault.by_ms + SPARE_MS);
    return [{ name: nameOf(context), ok: ok === true, detail }];
  },
  // For a delay that is longer than the look the heal alone tells whether it was there.
  look: async (context) =>
    await lookedAlone(context, nameOf(context), async () => {
      const { ok, detail } = await seen(context, context.watch_ms);
      return ok === null ? null : { ok, detail };
    }),
};

function nameOf({ fault }: FaultContext<'app-slow'>): string {
  return `${fault.node} answers late`;
}

/** Every answer comes, and none of them early; null: none was early, and one did not come. */
async function seen(context: FaultContext<'app-slow'>, atMost_ms: number) {
  const { by_ms } = context.fault;
  const at = await context.system.directAt(nodeHit(context));
  const asked = await askApp(at, TIMES, atMost_ms);
  const came = asked.filter(({ status }) => status !== null);
  const isEarly = came.some(({ ms }) => ms < by_ms * PASSED_SHARE);
  const took = asked.map(({ status, ms }) => (status === null ? 'none' : Math.round(ms)));
  const ok = isEarly ? false : came.length === asked.length || null;
  return { ok, detail: `answers after ${took.join(', ')} ms` };
}
