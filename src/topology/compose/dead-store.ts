// The disk of a dead server, read by a container of its own: the same image and volume, alone.
import type { StoreRole } from '../../drill/plan/plan.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import { withConnection as withRedis } from '../../redis/connection.ts';
import { cartsIn } from '../assembled/carts.ts';
import { adminAddress, contentsOf, updateRuleOf } from '../assembled/database.ts';
import { lacking } from '../system/region.ts';
import type { DeadStore } from '../system/store.ts';
import type { ContainerRegion } from './driver.ts';
import { startInspector } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { untilAnswers } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 2_000, command_ms: 2_000 };

/** Rejects if the server still runs; null where its disk cannot know. */
export async function openDeadStore(
  around: Surroundings,
  region: ContainerRegion,
  role: StoreRole,
): Promise<DeadStore | null> {
  const { context, project } = around;
  const dead = region.servers.find(({ store }) => store.role === role)?.node;
  if (dead === undefined) throw lacking(`region ${region.name}`, role, 'none yet');
  if (role === 'carts' && context.plan.redis?.appendonly === 'no') return null;
  const { redis: password, postgres } = project.secrets;
  if (role === 'carts') {
    const { server, stop } = await openReader(around, dead, 6379, (at) =>
      withRedis({ ...at, password }, LIMITS, (client) => client.ping()),
    );
    return { ...cartsIn({ ...server, password }), stop };
  }
  const { admin } = postgres;
  const { server, stop } = await openReader(around, dead, 5432, (at) =>
    withConnection(adminAddress(at, admin), LIMITS, (client) => client.query('select 1')),
  );
  return { ...contentsOf(server, admin, updateRuleOf(context.plan)), stop };
}

/** `inside`: the port that the server listens on in its container. */
async function openReader(
  { engine, project, logs, context }: Surroundings,
  dead: Container,
  inside: number,
  ask: (at: { host: string; port: number }) => Promise<unknown>,
) {
  const { node: title } = dead;
  const { state, detail } = await dead.look();
  if (state !== 'dead') {
    const found = `it running (${detail})`;
    throw new OperationFailed({ what: title, expected: 'it dead', found });
  }
  // The network on which ports can be published.
  const network = `${project.name}_edge`;
  const reader = await startInspector(engine, dead, { network, inside });
  await logs.follow({ id: reader.id, node: `${title}-inspect` });
  const stop = async () => {
    const asked = 'remove the reader of a disk';
    await reader.call(asked, (own) => own.remove({ force: true, v: true }));
  };
  const at = { host: LOOPBACK, port: reader.port(inside) };
  try {
    const wanted = { what: `the disk of ${title}`, expected: 'to read it' };
    await untilAnswers(reader, () => ask(at), wanted, context.clock);
    return { server: { title, ...at }, stop };
  } catch (error) {
    await stop().catch(() => {}); // it carries the run's label
    throw error;
  }
}
