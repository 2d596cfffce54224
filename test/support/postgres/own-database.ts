// A database as a team lets drill into it: its role may make a schema there, and nothing beyond that.
import { regionOf } from '../../../src/base/node-name.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';

export interface OwnDatabase {
  readonly database: TestDatabase;
  readonly server: OwnServer;
}

export async function startOwnDatabase(node = 'east/db1'): Promise<OwnDatabase> {
  const database = await startTestDatabase();
  const address = database.address();
  await database.query(`grant create on database orders to ${address.user}`);
  return { database, server: { node, region: regionOf(node), address } };
}
