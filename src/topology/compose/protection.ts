// How the data of the first region comes to the second one while all is well, by strategy: streamed
// to a standby, kept there as base backups and log, or written in both.
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import { untilFollowing } from '../assembled/carts.ts';
import type { Container } from './engine/container.ts';
import { primaryAddress, type Parts } from './parts.ts';
import { STORAGE_SERVICE } from './project/project.ts';
import { TOXIPROXY } from './project/slots.ts';
import { startStorage } from './storage.ts';
import { replicateBothWays } from './bidirectional.ts';

const STREAMING_AT_MOST_MS = 30_000;

/** Resolves once the second region has all there is. */
export async function protect(
  parts: Parts,
  adopted: AdoptedLinks,
  containers: readonly Container[],
): Promise<void> {
  const { strategy } = parts.context.plan;
  await PROTECTIONS[STRATEGY_FACTS[strategy].database](parts, adopted, containers);
}

const PROTECTIONS = {
  none: keepInStorage,
  standby: followByStreaming,
  primary: joinBoth,
} as const;

async function keepInStorage(
  parts: Parts,
  _adopted: AdoptedLinks,
  containers: readonly Container[],
): Promise<void> {
  const service = (name: string) => containers.find((each) => each.service === name)!;
  const near = { toxiproxy: service(TOXIPROXY), primary: service('east-postgres') };
  parts.storage = await startStorage(parts, service(STORAGE_SERVICE), near);
}

async function followByStreaming(parts: Parts): Promise<void> {
  const { context, regions } = parts;
  const { plan, clock, signal } = context;
  const { from, to, mode } = plan.replication;
  const carts = regions.get(from)?.stores.get('carts');
  const primary = primaryAddress(parts);
  await Promise.all([
    untilStreaming(primary, to, mode === 'sync', clock, STREAMING_AT_MOST_MS, signal),
    carts === undefined ? null : untilFollowing(carts, context),
  ]);
}

async function joinBoth(parts: Parts, adopted: AdoptedLinks): Promise<void> {
  parts.bidirectional = await replicateBothWays(parts, adopted);
}
