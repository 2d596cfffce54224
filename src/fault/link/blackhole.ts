// blackhole: whoever connects through a link waits for ever; what was connected is closed.
import { BLACKHOLE } from '../../link/toxics.ts';
import { apply, PROBE_MS, type Fault } from '../fault.ts';
import { heardNothing, seenAtParts } from './parts.ts';

export const blackhole: Fault<'blackhole'> = {
  kind: 'blackhole',
  inject: async (context) => {
    const link = context.system.link(context.fault.link);
    const refusal = link.refuse();
    await apply(context, refusal);
    await apply(context, link.disturb(BLACKHOLE));
    await refusal.undo();
    return { detail: `link ${link.name} swallows what is said on new connections` };
  },
  ...seenAtParts('swallows', () => PROBE_MS, heardNothing),
};
