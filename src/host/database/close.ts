// How a connection to a PostgreSQL is ended, whoever opened it: it may be one that never answers.
import { within } from '../clock.ts';

const CLOSE_MS = 500;

/** Ends it politely, or at once when the server does not answer. Never rejects. */
export async function closeConnection(client: { end(): Promise<void> }): Promise<void> {
  const ended = client.end().then(
    () => true,
    () => true,
  );
  if (!(await within(ended, CLOSE_MS, false))) destroySocket(client);
}

/**
 * Ends a connection on which an answer is overdue: a stopped server never closes it, and pg 8 has
 * no public way to close the socket.
 */
export function destroySocket(client: object): void {
  const { connection } = client as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
