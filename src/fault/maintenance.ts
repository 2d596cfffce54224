// maintenance: nothing is broken. A region is to be taken out of service on purpose, and service
// has to move before; the clock starts when that begins.
import type { Fault } from './fault.ts';
import { ordersIn } from '../topology/system/region.ts';

export const maintenance: Fault<'maintenance'> = {
  kind: 'maintenance',
  inject: async ({ fault }) => {
    return { detail: `region ${fault.region} is to be left; nothing is broken` };
  },
  // There must be something to leave, and somewhere to go: else the move proves nothing.
  prove: async ({ fault, system, plan }) => {
    const state = await ordersIn(system.region(fault.region)).replication();
    const name = `${plan.replication.to} follows ${fault.region}`;
    const detail = state === null ? 'no standby is connected' : `${state.lag_bytes} bytes behind`;
    return [{ name, ok: state !== null, detail }];
  },
};
