// A real PostgreSQL for a queue, that can be taken away and comes back at the same address.
import { startServer, type Server } from '../../../src/postgres/server/launcher.ts';
import { databaseAddress, type DatabaseAddress } from '../../../src/drill/database-address.ts';
import { startTestDatabase } from '../postgres/database.ts';

export interface QueueDatabase {
  readonly address: DatabaseAddress;
  /** It is gone until `start`: whoever is connected is thrown out. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

export async function startQueueDatabase(): Promise<QueueDatabase> {
  const database = await startTestDatabase();
  const { host, port, credentials } = database;
  const { user, password } = credentials.admin;
  const name = database.address().database;
  let again: Server | null = null;
  return {
    address: databaseAddress(`postgres://${user}:${password}@${host}:${port}/${name}`)!,
    halt: async () => {
      await (again ?? database.server).stop();
    },
    start: async () => {
      again = await startServer({ ...database.started, port });
    },
    stop: async () => {
      await again?.stop();
      await database.stop();
    },
  };
}
