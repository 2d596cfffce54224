// Connections of the runner itself to a database: each with limits on connecting and on every
// statement, and named.
import {
  driverFailure,
  OperationFailed,
  reasonOf,
  tellingFailures,
} from '../../host/operation-failed.ts';
import { Client, type QueryResultRow } from 'pg';
import { connectionString } from '../../host/database/connection.ts';
import { closeConnection } from '../../host/database/close.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { partFailure } from '../../host/machine/last-words.ts';
import { KeptConnection } from '../../host/kept-connection.ts';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A server of the user's own: its address says how it is connected to, such as over TLS. */
  readonly own?: Parameters<typeof connectionString>[0];
  /** Asks for no settings of its session besides its own: a pooler lets in nobody who does. */
  readonly isPlain?: true;
}

export interface ConnectionLimits {
  readonly connect_ms: number;
  /**
   * On the client's side: a statement that waits for a standby does not heed the server's own
   * limit.
   */
  readonly statement_ms: number;
  /** `local`: its commits wait for no standby. */
  readonly synchronous_commit?: 'local';
}

/** `application_name` of the runner's own connections. */
const RUNNER_NAME = 'drill';

/**
 * An open connection. What it is asked rejects with an `OperationFailed` whose cause is what the
 * driver said (see `errorCode`).
 */
export async function openConnection(
  address: DatabaseAddress,
  limits: ConnectionLimits,
): Promise<Client> {
  const { own, isPlain = false } = address;
  const text = own && connectionString(own);
  const client = new Client({
    ...(text === undefined
      ? { ...address, ssl: false, options: optionsOf(limits) }
      : { connectionString: isPlain ? text : withOptions(text, limits) }),
    application_name: RUNNER_NAME,
    connectionTimeoutMillis: limits.connect_ms,
    query_timeout: limits.statement_ms,
  });
  client.on('error', () => {}); // the statement that runs, or the next one, rejects
  try {
    await client.connect();
    return tellingFailures(client, 'query', whereIs(address));
  } catch (error) {
    await closeConnection(client);
    throw driverFailure(error, whereIs(address));
  }
}

function optionsOf({ synchronous_commit }: ConnectionLimits): string {
  return synchronous_commit === undefined ? '' : '-c synchronous_commit=local';
}

/**
 * In somebody's own server nobody waits for drill, and nothing of it goes on there that it does not
 * wait for any more. What the address asks for itself comes first.
 */
function withOptions(text: string, limits: ConnectionLimits): string {
  const url = new URL(text);
  const { statement_ms } = limits;
  const all = [
    url.searchParams.get('options') ?? '',
    '-c lock_timeout=1000 -c idle_in_transaction_session_timeout=5000',
    statement_ms === 0 ? '' : `-c statement_timeout=${statement_ms}`,
    optionsOf(limits),
  ];
  url.searchParams.set('options', all.filter((each) => each !== '').join(' '));
  return url.href;
}

export function whereIs({ host, port }: Pick<DatabaseAddress, 'host' | 'port'>): string {
  return `PostgreSQL at ${host}:${port}`;
}

/** A connection for many questions; a server that restarts in between is met on a new one. */
export function keepConnection(
  address: DatabaseAddress,
  limits: ConnectionLimits,
): KeptConnection<Client> {
  const open = async (onEnd: () => void) => {
    const client = await openConnection(address, limits);
    client.once('end', onEnd);
    return client;
  };
  return new KeptConnection(open, closeConnection);
}

/** Runs `work` on a connection of its own. */
export async function withConnection<T>(
  address: DatabaseAddress,
  limits: ConnectionLimits,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openConnection(address, limits);
  try {
    return await work(client);
  } finally {
    await closeConnection(client);
  }
}

/** One row of a statement that returns exactly one. */
export async function oneRow<T extends QueryResultRow>(
  client: Client,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T> {
  const { rows } = await client.query<T>(sql, [...values]);
  const row = rows[0];
  if (row === undefined) {
    throw new OperationFailed({ what: sql, expected: 'one row', found: 'none' });
  }
  return row;
}

/** The SQLSTATE or the system's code of a failed statement; empty when it has none. */
export function errorCode(error: unknown): string {
  const cause = error instanceof OperationFailed ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Turns a failure of the bring-up into a problem of the environment, with what was being done. */
export function setupFailure(what: string, error: unknown): Error {
  if (error instanceof EnvironmentError) return error;
  const hint = 'read the log of the server in the run directory';
  return partFailure(
    { what, expected: 'the server to do it', found: reasonOf(error), hint },
    error,
  );
}
