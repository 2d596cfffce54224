// Who follows whom: a dead server made a standby of the one that took over, with PostgreSQL's own
// tools (the entrypoint's mode `rebuild`: pg_rewind where that works, else pg_basebackup and
// pg_verifybackup) in a container of its own on the dead one's volume; and two primaries that
// replicate to each other, through the proxy between the regions.
import { passesMs } from '../../drill/plan/data.ts';
import { until } from '../../host/clock.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { PairDriver } from '../assembled/protection.ts';
import type { Followed } from '../assembled/rebuild.ts';
import type { ContainerDriver, ContainerRegion } from './driver.ts';
import { startRebuilder } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { destroyServer, provideVolume, startServer, untilAnswers } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

const REBUILD_AT_MOST_MS = 300_000;
/** Inside the containers: the entrypoint of PostgreSQL writes it. */
const PASSFILE = '/var/lib/postgresql/drill/pgpass';
const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };
const POLL_MS = 50;
const SHOWN_LINES = 5;

/** Rejects with what the tools said. */
export async function follow(
  around: Surroundings,
  region: ContainerRegion,
  peer: ContainerDriver,
  signal: AbortSignal,
): Promise<Followed> {
  const { node: server } = region.database;
  const { node } = server;
  const primary = { ...(await peer.wayTo()), standbyName: region.name };
  await provideVolume(around, server);
  const helper = await startRebuilder(around.engine, server, primary);
  const said = await outputOf(around, helper, signal);
  const line = said.findLast((each) => each.includes('rebuilt by'));
  if (line === undefined) {
    const found = said.slice(-SHOWN_LINES).join('; ');
    throw new OperationFailed({ what: node, expected: 'it to be rebuilt', found });
  }
  await startServer(around, server);
  const how = line.includes('rebuilt by pg_rewind') ? 'rewound' : 'cloned';
  return { how, checks: [{ name: `rebuild of ${node}`, ok: true, detail: line.trim() }] };
}

/** Waits until it has ended and removes it; what it said, a line each. */
async function outputOf(
  { context }: Surroundings,
  helper: Container,
  signal: AbortSignal,
): Promise<string[]> {
  const { clock } = context;
  const atMost_ms = REBUILD_AT_MOST_MS + passesMs(context.plan, 3);
  const deadline_ms = clock.now() + atMost_ms;
  try {
    const dead = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
      return (await helper.look()).state === 'dead' ? true : null;
    });
    if (dead === null) return [`not done after ${atMost_ms / 1_000} s`];
    return await helper.said();
  } finally {
    await helper.call(`remove ${helper.node}`, (own) => own.remove({ force: true, v: false }));
  }
}

/** What is done to two primaries that replicate to each other. */
export function pairDriver(
  around: Surroundings,
  regions: ReadonlyMap<string, ContainerRegion>,
  drivers: ReadonlyMap<string, ContainerDriver>,
): PairDriver {
  const databaseOf = (region: string) => regions.get(region)!.database;
  const restart = async (region: string, signal: AbortSignal) => {
    const { node: server, store } = databaseOf(region);
    await startServer(around, server);
    const ask = () => withConnection(store.address, LIMITS, (client) => client.query('select 1'));
    const wanted = { what: server.node, expected: 'it to start' };
    await untilAnswers(server, ask, wanted, around.context.clock, signal);
  };
  return {
    replicationUser: around.project.secrets.postgres.replication.user,
    through: (region) => drivers.get(region)!.wayTo(),
    passfile: () => PASSFILE,
    restart,
    startEmpty: async (region, signal) => {
      const { node: server } = databaseOf(region);
      if (!server.isDestroyed) await destroyServer(around, server);
      await provideVolume(around, server);
      await restart(region, signal);
    },
  };
}
