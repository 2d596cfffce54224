// stale-dns: what clients are told over DNS is held. Each version of the answers has a serial,
// which grows with every health check, also where the answer stays the same: over DNS it must stand
// still while it grows at the GSLB. Whether clients should ever have been told anything else is
// another question, which the journal answers (`gslb.withheld`).

import { gslbOf } from '../../drill/plan/gslb.ts';
import { until } from '../../host/clock.ts';
import { apply, looked, type Fault, type FaultContext, type Seen } from '../fault.ts';

const NAME = 'DNS answers what it answered';
const ANSWER_MS = 1_000;
const SPARE_MS = 1_000;
const POLL_MS = 10;

type Context = FaultContext<'stale-dns'>;

export const staleDns: Fault<'stale-dns'> = {
  kind: 'stale-dns',
  inject: async (context) => {
    await apply(context, context.system.gslb.hold());
    return { detail: 'DNS answers what it answered, whatever the GSLB would answer' };
  },
  prove: async (context) => [{ name: NAME, ...(await standsStill(context)) }],
  // What the GSLB has is newer by far by now; asked first, since it grows with every check.
  look: async ({ system: { gslb }, watch_ms }) => [
    await looked(NAME, async () => {
      const { serial } = await gslb.state();
      const told = await gslb.toldSerial(watch_ms);
      return { ok: told !== null && told < serial, detail: serials(told, serial) };
    }),
  ],
};

/** Until the GSLB has looked at what to answer once more. */
async function standsStill({ system: { gslb }, plan, clock }: Context): Promise<Seen> {
  const first = await gslb.toldSerial(ANSWER_MS);
  if (first === null) return { ok: false, detail: 'no answer came' };
  const { every_ms, timeout_ms } = gslbOf(plan);
  const deadline_ms = clock.now() + every_ms + timeout_ms + SPARE_MS;
  const newer = await until({ clock, deadline_ms, every_ms: POLL_MS }, async () => {
    const { serial } = await gslb.state();
    return serial > first ? serial : null;
  });
  if (newer === null) return { ok: false, detail: `the GSLB has no newer answer than ${first}` };
  const told = await gslb.toldSerial(ANSWER_MS);
  return { ok: told === first, detail: serials(told, newer) };
}

function serials(told: number | null, due: number): string {
  return told === null ? 'no answer came' : `it told serial ${told}, where ${due} was due`;
}
