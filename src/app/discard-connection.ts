// Ends a PostgreSQL connection on which an answer is overdue. `end()` asks the server to close it,
// which a stopped one never does, and pg 8 has no public way to close the socket.
import type { ClientBase } from 'pg';

export function destroySocket(client: ClientBase): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}
