// The disk of a dead server, read by a container of its own: the same image and volume, alone.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Clock } from '../../host/clock.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { UpdateRule } from '../../postgres/server/shared-rows.ts';
import { withConnection as withRedis } from '../../redis/connection.ts';
import { cartsIn } from '../assembled/carts.ts';
import { adminAddress, contentsOf } from '../assembled/database.ts';
import type { DeadStore } from '../system/store.ts';
import { startInspector } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import { untilAnswers } from './published.ts';
import type { Secrets } from './project/project.ts';

const POSTGRES_PORT = 5432;
const REDIS_PORT = 6379;
const LIMITS = { connect_ms: 2_000, statement_ms: 2_000 };
const REDIS_LIMITS = { connect_ms: 2_000, command_ms: 2_000 };
const LOOK_MS = 5_000;

export interface DeadOptions {
  readonly engine: Engine;
  readonly dead: Container;
  /** The network on which ports can be published. */
  readonly network: string;
  readonly secrets: Secrets;
  readonly logs: ContainerLogs;
  readonly clock: Clock;
  /** How shared rows were updated; null: there are none. */
  readonly updates: UpdateRule | null;
}

interface Reader {
  readonly server: { readonly title: string; readonly host: string; readonly port: number };
  readonly stop: () => Promise<void>;
}

/** Rejects if the server still runs. */
export async function openDeadPostgres(options: DeadOptions): Promise<DeadStore> {
  const { admin } = options.secrets.postgres;
  const { server, stop } = await openReader(options, POSTGRES_PORT, (at) =>
    withConnection(adminAddress(at, admin), LIMITS, (client) => client.query('select 1')),
  );
  return { ...contentsOf(server, admin, options.updates), stop };
}

/** Rejects if the server still runs. */
export async function openDeadRedis(options: DeadOptions): Promise<DeadStore> {
  const { redis: password } = options.secrets;
  const { server, stop } = await openReader(options, REDIS_PORT, (at) =>
    withRedis({ ...at, password }, REDIS_LIMITS, (client) => client.ping()),
  );
  return { contents: cartsIn({ ...server, password }), rowsOf: null, stop };
}

async function openReader(
  options: DeadOptions,
  inside: number,
  ask: (at: { host: string; port: number }) => Promise<unknown>,
): Promise<Reader> {
  const { engine, dead, network, logs } = options;
  const { state, detail } = await dead.look(LOOK_MS);
  if (state !== 'dead') {
    throw new OperationFailed({
      what: dead.node,
      expected: 'it dead',
      found: `it running (${detail})`,
    });
  }
  const reader = await startInspector(engine, dead, { network, inside });
  await logs.follow({ id: reader.id, node: `${dead.node}-inspect` });
  const stop = async () => {
    await engine.call('remove the reader of a disk', (docker) =>
      docker.getContainer(reader.id).remove({ force: true, v: true }),
    );
  };
  const at = { host: LOOPBACK, port: reader.port(inside) };
  try {
    const wanted = { what: `the disk of ${dead.node}`, expected: 'to read it' };
    await untilAnswers(options, reader, () => ask(at), wanted);
    return { server: { title: dead.node, ...at }, stop };
  } catch (error) {
    await stop().catch(() => {}); // it carries the run's label
    throw error;
  }
}
