// Ends a PostgreSQL connection on which an answer is overdue. `end()` asks the server to close it,
// which a stopped one never does, and pg 8 has no public way to close the socket.
import type { ClientBase, Connection } from 'pg';

export function destroySocket(client: ClientBase): void {
  (client as ClientBase & { readonly connection: Connection }).connection.stream.destroy();
}
