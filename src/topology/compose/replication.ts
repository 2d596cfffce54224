// Who follows whom: a dead server made a standby of the one that took over, with PostgreSQL's own
// tools (the entrypoint's mode `rebuild`: pg_rewind where that works, else pg_basebackup and
// pg_verifybackup) in a container of its own on the dead one's volume; and two primaries that
// replicate to each other, through the proxy between the regions.
import { OperationFailed } from '../../host/operation-failed.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { PairDriver } from '../assembled/bidirectional.ts';
import type { Followed } from '../assembled/region.ts';
import type { ContainerDriver, ContainerRegion, Surroundings } from './driver.ts';
import { startRebuilder } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { saidBy } from './engine/logs.ts';
import { untilAnswers } from './published.ts';

const REBUILD_AT_MOST_MS = 300_000;
/** Inside the containers: the entrypoint of PostgreSQL writes it. */
const PASSFILE = '/var/lib/postgresql/drill/pgpass';
const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };
const LOOK_MS = 5_000;
const POLL_MS = 50;
const SHOWN_LINES = 5;

/** Rejects with what the tools said. */
export async function follow(
  around: Surroundings,
  driver: ContainerDriver,
  peer: ContainerDriver,
  signal: AbortSignal,
): Promise<Followed> {
  const { database: server } = driver;
  const { container: dead, node } = server;
  const primary = { ...(await peer.wayTo()), standbyName: driver.slot.region.name };
  await server.provideVolume();
  const helper = await startRebuilder(around.engine, dead, primary);
  const said = await outputOf(around, helper, signal);
  const line = said.findLast((each) => each.includes('rebuilt by'));
  if (line === undefined) {
    const found = said.slice(-SHOWN_LINES).join('; ');
    throw new OperationFailed({ what: node, expected: 'it to be rebuilt', found });
  }
  await server.start();
  const how = line.includes('rebuilt by pg_rewind') ? 'rewound' : 'cloned';
  return { how, checks: [{ name: `rebuild of ${node}`, ok: true, detail: line.trim() }] };
}

/** Waits until it has ended and removes it; what it said, a line each. */
async function outputOf(
  { engine, context }: Surroundings,
  helper: Container,
  signal: AbortSignal,
): Promise<string[]> {
  const { clock } = context;
  const until = clock.now() + REBUILD_AT_MOST_MS;
  try {
    while ((await helper.look(LOOK_MS)).state !== 'dead') {
      if (clock.now() > until) return [`not done after ${REBUILD_AT_MOST_MS / 1_000} s`];
      await clock.sleep(POLL_MS, signal);
    }
    return await saidBy(engine, helper);
  } finally {
    await engine.call(`remove ${helper.node}`, (docker) =>
      docker.getContainer(helper.id).remove({ force: true, v: false }),
    );
  }
}

/** What is done to two primaries that replicate to each other. */
export function pairDriver(
  around: Surroundings,
  regions: ReadonlyMap<string, ContainerRegion>,
  drivers: ReadonlyMap<string, ContainerDriver>,
): PairDriver {
  const { engine, context } = around;
  const serverOf = (region: string) => drivers.get(region)!.database;
  const untilItAnswers = async (region: string, signal: AbortSignal) => {
    const { address } = regions.get(region)!.database.store;
    const { container } = serverOf(region);
    const ask = () => withConnection(address, LIMITS, (client) => client.query('select 1'));
    const wanted = { what: container.node, expected: 'it to start' };
    await untilAnswers({ engine, clock: context.clock, signal }, container, ask, wanted);
  };
  return {
    replicationUser: around.project.secrets.postgres.replication.user,
    through: (region) => drivers.get(region)!.wayTo(),
    passfile: () => PASSFILE,
    restart: async (region, signal) => {
      await serverOf(region).start();
      await untilItAnswers(region, signal);
    },
    startEmpty: async (region, signal) => {
      await serverOf(region).startEmpty();
      await untilItAnswers(region, signal);
    },
  };
}
