// lose-network: a region is not heard any more by clients, by the other region, or by both.
import type { Fault } from './fault.ts';
import { NETWORK } from './network.ts';

export const loseNetwork: Fault<'lose-network'> = {
  kind: 'lose-network',
  inject: async (context) => ({ detail: await NETWORK[context.fault.of].lose(context) }),
  prove: async (context) => await NETWORK[context.fault.of].prove(context),
  look: async (context) => await NETWORK[context.fault.of].look(context),
};
