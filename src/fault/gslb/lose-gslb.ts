// lose-gslb: the process or container of the GSLB stands still. Proved by whoever runs it, and by a
// question over DNS, as clients ask it.
import { apply, looked, type Fault, type Seen } from '../fault.ts';
import { silenceMs } from '../nodes.ts';
import type { Gslb } from '../../topology/system/system.ts';

const NOBODY = 'nobody answers over DNS';
const STILL = 'the GSLB stands still';

export const loseGslb: Fault<'lose-gslb'> = {
  kind: 'lose-gslb',
  inject: async (context) => {
    await apply(context, context.system.gslb.freeze());
    return { detail: 'the GSLB stands still' };
  },
  prove: async (context) => {
    const { gslb } = context.system;
    const ms = silenceMs(context);
    return [
      { name: NOBODY, ...(await isSilent(gslb, ms)) },
      { name: STILL, ...(await isStill(gslb, ms)) },
    ];
  },
  look: async ({ system: { gslb }, watch_ms }) => [
    await looked(NOBODY, () => isSilent(gslb, watch_ms)),
    await looked(STILL, () => isStill(gslb, watch_ms)),
  ],
};

async function isSilent(gslb: Gslb, ms: number): Promise<Seen> {
  const serial = await gslb.toldSerial(ms);
  const nothing = `no answer came for ${Math.round(ms)} ms`;
  return { ok: serial === null, detail: serial === null ? nothing : 'an answer came' };
}

/** Looked at after a while: a signal takes its time on its way. */
async function isStill(gslb: Gslb, ms: number): Promise<Seen> {
  const { state, detail } = await gslb.look(ms);
  return { ok: state === 'frozen', detail: `${state}: ${detail}` };
}
