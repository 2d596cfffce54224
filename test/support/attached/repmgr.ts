// Two PostgreSQL servers with repmgr: the daemon of the standby takes over within some three seconds
// after it cannot reach the primary any more. It fences nobody.
import { LOOPBACK } from '../../../src/host/ports.ts';
import { locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { startStack, type Made } from './start.ts';

export async function startRepmgr(): Promise<Stack> {
  return await startStack({
    script: 'repmgr',
    bin: locatePostgres('repmgr', 'repmgrd'),
    settings: "shared_preload_libraries = 'repmgr'\n",
    sql: ({ password }) => `
create role repmgr superuser login replication password '${password}';
create database repmgr owner repmgr;
`,
    files: (made) => ({ 'db1.conf': configuration(made, 1), 'db2.conf': configuration(made, 2) }),
  });
}

function configuration({ directory, bin, ports }: Made, id: 1 | 2): string {
  const node = `db${id}`;
  const tool = `${bin}/repmgr -f ${directory}/${node}.conf`;
  return `
node_id=${id}
node_name='${node}'
conninfo='host=${LOOPBACK} port=${ports[`DB${id}`]} user=repmgr dbname=repmgr connect_timeout=2'
data_directory='${directory}/${node}'
pg_bindir='${bin}'
service_start_command='${directory}/bin/repmgr.sh start ${node}'
failover=automatic
promote_command='${tool} standby promote'
follow_command='${tool} standby follow --upstream-node-id=%n'
monitoring_history=no
monitor_interval_secs=1
reconnect_attempts=3
reconnect_interval=1
`;
}
