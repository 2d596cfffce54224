// How the data of the first region comes to the second one while all is well, by strategy: streamed
// to a standby, or kept there as base backups and log.
import { replicationLink } from '../../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { Server } from '../../postgres/server/launcher.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import { adminAddress } from '../assembled/database.ts';
import type { Parts, RunningLinks } from './parts.ts';
import { startServerOf } from './replication.ts';
import { keepBackups } from './storage.ts';
import { replicateBothWays } from './bidirectional.ts';

const STREAMING_AT_MOST_MS = 15_000;

interface UnderWay {
  readonly linked: Promise<RunningLinks>;
  readonly primary: Promise<Server>;
  /** The second region's copy of the template, where it has one. */
  readonly copied: Promise<void> | undefined;
}

/** Resolves once the second region has all there is. */
export async function protect(parts: Parts, underWay: UnderWay): Promise<void> {
  const { strategy } = parts.context.plan;
  await PROTECTIONS[STRATEGY_FACTS[strategy].database](parts, underWay);
}

const PROTECTIONS = {
  none: keepInStorage,
  standby: followByStreaming,
  primary: joinBoth,
} as const;

async function keepInStorage(parts: Parts, { linked, primary }: UnderWay): Promise<void> {
  const [server] = await Promise.all([primary, linked]);
  await keepBackups(parts, server);
}

async function joinBoth(parts: Parts, { linked, primary, copied }: UnderWay): Promise<void> {
  await Promise.all([linked, primary, copied]);
  parts.bidirectional = await replicateBothWays(parts);
}

async function followByStreaming(parts: Parts, { linked, primary, copied }: UnderWay) {
  const { plan, clock, signal } = parts.context;
  const { from, to, mode } = plan.replication;
  const [{ links }, server] = await Promise.all([linked, primary, copied]);
  const name = replicationLink(plan.replication);
  const upstream = { host: server.host, port: server.port };
  const proxy = await links.get(name).addProxy(`${name}.postgres`, upstream);
  await startServerOf(parts, to, from, proxy);
  const address = adminAddress(server, parts.kit.credentials.admin);
  await untilStreaming(address, to, mode === 'sync', clock, STREAMING_AT_MOST_MS, signal);
}
