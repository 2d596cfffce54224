// Connections to the database of a shared history. It may be gone, or say no: both are told in a
// sentence without a password in it, and neither stops a drill.
import type { Client } from 'pg';
import { isRefusal } from '../../base/sql-state.ts';
import type { DatabaseAddress } from '../../drill/database-address.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { closeConnection } from '../../host/database/close.ts';
import { connectionString } from '../../host/database/connection.ts';
import { connectHint, databaseWords } from '../../host/database/words.ts';

/** `unreachable`: it may answer another time. `refused`: it has answered, and says no. */
type Failure = 'unreachable' | 'refused';

export class SharedHistoryError extends Error {
  override readonly name = 'SharedHistoryError';
  readonly kind: Failure;

  constructor(kind: Failure, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface Limits {
  readonly connect_ms: number;
  readonly statement_ms: number;
  /** Nothing more is begun after so long. */
  readonly all_ms: number;
}

/** While somebody waits for something else. */
export const SHORT: Limits = { connect_ms: 3_000, statement_ms: 5_000, all_ms: 10_000 };
/** For whoever asked for nothing else. */
export const PATIENT: Limits = {
  connect_ms: 10_000,
  statement_ms: 60_000,
  all_ms: Infinity,
};

/** Rejects with a `SharedHistoryError` for whatever the database or the way to it does. */
export async function withHistory<T>(
  address: DatabaseAddress,
  { connect_ms, statement_ms }: Omit<Limits, 'all_ms'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { Client: Connection } = (await import('pg')).default;
  let client: Client | null = null;
  try {
    client = new Connection({
      connectionString: connectionString(address),
      application_name: 'drill',
      connectionTimeoutMillis: connect_ms,
      statement_timeout: statement_ms,
      // A server that hangs heeds no limit of its own.
      query_timeout: statement_ms + 1_000,
    });
    client.on('error', () => {}); // the statement that runs, or the next one, rejects
    await client.connect();
    return await work(client);
  } catch (error) {
    throw told(error, address);
  } finally {
    if (client !== null) await closeConnection(client);
  }
}

function told(error: unknown, address: DatabaseAddress): Error {
  if (error instanceof SharedHistoryError) return error;
  const isFinal = error instanceof EnvironmentError || isRefusal(error);
  const hint = connectHint(error, 'its password');
  const words = `${databaseWords(error, address)}${hint === null ? '' : ` (${hint})`}`;
  return new SharedHistoryError(isFinal ? 'refused' : 'unreachable', words, error);
}
