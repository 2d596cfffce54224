// Two primaries in containers that replicate to each other, through the proxy between the regions.
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { LogicalSide } from '../../postgres/bidirectional/logical-side.ts';
import type { Bidirectional } from '../system/protection.ts';
import { joinDatabases } from '../assembled/bidirectional.ts';
import { saidBy } from './engine/logs.ts';
import { databaseAddress, type Parts } from './parts.ts';
import type { ServerContainer } from './engine/server-container.ts';
import { slotsOf, TOXIPROXY, type Slot } from './project/slots.ts';
import { wayTo } from './way-to.ts';

/** Inside the containers: the entrypoint of PostgreSQL writes it. */
const PASSFILE = '/var/lib/postgresql/drill/pgpass';
const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };
/** It makes its database, or replays what it had not written to its tables. */
const ANSWERS_AT_MOST_MS = 120_000;
const LOOK_MS = 5_000;
const POLL_MS = 30;
const SHOWN_LINES = 5;

/** Joins the primaries of both regions; resolves once both directions stream. */
export async function replicateBothWays(
  parts: Parts,
  adopted: AdoptedLinks,
): Promise<Bidirectional> {
  const { context, project } = parts;
  const { plan, clock, signal } = context;
  const [east, west] = slotsOf(plan);
  const ports = new Map<Slot['slot'], number>();
  for (const slot of [east, west]) ports.set(slot.slot, await wayTo(adopted, plan, slot));
  const side = (slot: Slot, numbers: LogicalSide['numbers']): LogicalSide => ({
    region: slot.region.name,
    address: databaseAddress(parts, slot.region.name),
    through: { host: TOXIPROXY, port: ports.get(slot.slot)! },
    ...{ passfile: PASSFILE, numbers },
  });
  const sides = () => [side(east, 1), side(west, 2)] as const;
  const replicationUser = project.secrets.postgres.replication.user;
  const pair = {
    ...{ sides, replicationUser, clock },
    restart: async (region: string, stop = signal) => {
      await serverOf(parts, region).start();
      await untilAnswers(parts, region, stop);
    },
    startEmpty: async (region: string, stop = signal) => {
      await serverOf(parts, region).startEmpty();
      await untilAnswers(parts, region, stop);
    },
  };
  return await joinDatabases(pair, plan.workload, signal);
}

function serverOf({ regions }: Parts, region: string): ServerContainer {
  return regions.get(region)!.server!;
}

/** Rejects at once, with what it said last, where the container has ended. */
async function untilAnswers(parts: Parts, region: string, signal: AbortSignal): Promise<void> {
  const { context, engine } = parts;
  const { clock } = context;
  const address = databaseAddress(parts, region);
  const { container } = serverOf(parts, region);
  const until = clock.now() + ANSWERS_AT_MOST_MS;
  for (;;) {
    const why = await withConnection(address, LIMITS, (client) => client.query('select 1')).then(
      () => null,
      reasonOf,
    );
    if (why === null) return;
    const { state, detail } = await container.look(LOOK_MS);
    if (state === 'dead' || clock.now() > until) {
      const said = (await saidBy(engine, container, SHOWN_LINES)).join('; ');
      const found = `${why} (${detail}; ${said})`;
      throw new OperationFailed({ what: container.node, expected: 'it to start', found });
    }
    await clock.sleep(POLL_MS, signal);
  }
}
