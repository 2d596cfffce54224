// A real server for shared histories, which is empty for each test and can be gone for a while.
import { Client, type QueryResultRow } from 'pg';
import { databaseAddress, type DatabaseAddress } from '../../../src/drill/database-address.ts';
import { startServer, type Server } from '../../../src/postgres/server/launcher.ts';
import { DATABASE } from '../../../src/postgres/server/template.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';

export class HistoryDatabase {
  readonly #database: TestDatabase;
  #server: Server;

  private constructor(database: TestDatabase) {
    this.#database = database;
    this.#server = database.server;
  }

  static async start(): Promise<HistoryDatabase> {
    return new HistoryDatabase(await startTestDatabase());
  }

  /** As before drill came. */
  async empty(): Promise<void> {
    await this.query('drop schema if exists drill cascade');
  }

  get url(): string {
    const { user, password } = this.#database.credentials.admin;
    return this.urlOf(user, password);
  }

  get address(): DatabaseAddress {
    return databaseAddress(this.url)!;
  }

  /** Of the user that may use the database `orders`, and make nothing there. */
  get powerless(): string {
    const { user, password, database } = this.#database.address();
    return this.urlOf(user, password, database);
  }

  urlOf(user: string, password: string, name = DATABASE): string {
    const { host, port } = this.#database;
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
  }

  async query<T extends QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async leave(): Promise<void> {
    await this.#server.stop();
  }

  async comeBack(): Promise<void> {
    const { started, port } = this.#database;
    this.#server = await startServer({ ...started, port });
    if (this.#server.port !== port) throw new Error(`its port ${port} was taken meanwhile`);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#database.stop();
  }
}
