// Two plain PostgreSQL servers, of which one follows the other, and an operator with scripts: besides
// those of every stack `fence NODE`, `promote NODE` and `rebuild NODE`. Nothing takes over by itself.
import { LOOPBACK } from '../../../src/host/ports.ts';
import { locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { startStack, type Made } from './start.ts';

export async function startTwoServers(): Promise<Stack> {
  return await startStack({ script: 'two-servers', bin: locatePostgres() });
}

/** With PgBouncer before them, as clients share its connections; `redirect NODE` has it lead there. */
export async function startPooledServers(pooling: 'transaction' | 'session'): Promise<Stack> {
  return await startStack({
    script: 'two-servers',
    bin: locatePostgres(),
    ports: ['CLIENTS'],
    clients: 'CLIENTS',
    files: (made) => ({
      'pgbouncer.ini': pooler(made, pooling),
      'userlist.txt': `"postgres" "${made.password}"\n`,
    }),
  });
}

/** It asks the server for passwords, as it does for roles that it does not know. */
function pooler({ directory, ports }: Made, pooling: string): string {
  return `
[databases]
app = host=${LOOPBACK} port=${ports['DB1']}
[pgbouncer]
listen_addr = ${LOOPBACK}
listen_port = ${ports['CLIENTS']}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${directory}/userlist.txt
auth_user = postgres
auth_query = select usename, passwd from pg_shadow where usename = $1
admin_users = postgres
pool_mode = ${pooling}
max_client_conn = 500
default_pool_size = 50
server_login_retry = 1
`;
}
