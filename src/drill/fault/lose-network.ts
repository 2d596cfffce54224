// lose-network: the network of a region goes silent, whole or in part, while its processes live.
import * as z from 'zod';
import { defineFault, NO_EFFECT, regionSetting, type Effect } from './fault.ts';

export const NETWORK_PARTS = ['both', 'clients', 'replication'] as const;
export type NetworkPart = (typeof NETWORK_PARTS)[number];

const PHRASE: Readonly<Record<NetworkPart, string>> = {
  both: 'the network of the region goes silent, its processes live',
  clients: 'clients and health checks hear nothing of the region, the other region does',
  replication: 'the other region hears nothing of the region, clients do',
};
/** Who notices that clients are gone serves them elsewhere; what else is lost is a circumstance. */
const EFFECT: Readonly<Record<NetworkPart, Partial<Effect>>> = {
  both: { service: 'lost', region: 'isolated', seenByChecks: true },
  clients: { service: 'lost', seenByChecks: true },
  replication: { service: 'degraded' },
};

export const loseNetwork = defineFault({
  summary: 'the network of a region goes silent: for clients, for the other region, or for both',
  proof: 'What is cut off is tried: links to clients are silent, or a write does not cross.',
  target: 'region',
  settings: {
    region: regionSetting,
    of: z
      .enum(NETWORK_PARTS)
      .default('both')
      .describe(
        'Who hears nothing of it. clients: they and the health checks. replication: the other ' +
          'region. both: nobody.',
      ),
  },
  planned: { of: z.enum(NETWORK_PARTS) },
  ends: 'It is there again after so long. Default: after the recovery.',
  plan: ({ of }) => ({ of }),
  effect: ({ of }) => ({ ...NO_EFFECT, ...EFFECT[of] }),
  needs: ({ of }) => [of === 'both' ? 'isolate' : 'disturb-links'],
  phrase: ({ of }) => PHRASE[of],
  words: ({ of }) => [of],
  variant: ({ of }) => of,
  links: ({ of }, { edge, between }) =>
    ({ clients: [edge], replication: [between], both: [edge, between] })[of],
  silences: true,
  stacksWith: ['latency'],
});
