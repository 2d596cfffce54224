// Two PostgreSQL servers under Patroni with etcd, and HAProxy before them. Patroni takes no `ttl`
// below 20 s: so long it takes until a primary that is lost with its Patroni is replaced.
import { LOOPBACK } from '../../../src/host/ports.ts';
import { directoryOf, locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { startStack, type Made } from './start.ts';

export async function startPatroni(): Promise<Stack> {
  return await startStack({
    script: 'patroni',
    bin: locatePostgres(),
    path: directoryOf('patroni'),
    ports: ['ETCD', 'PEERS', 'CLIENTS', 'WORD1', 'WORD2'],
    clients: 'CLIENTS',
    words: { 'east/db1': 'WORD1', 'west/db2': 'WORD2' },
    files: (made) => ({
      'db1.yml': configuration(made, 1),
      'db2.yml': configuration(made, 2),
      'haproxy.cfg': proxy(made),
    }),
  });
}

function configuration({ directory, bin, ports, password }: Made, id: 1 | 2): string {
  const node = `db${id}`;
  const word = `${LOOPBACK}:${ports[`WORD${id}`]}`;
  const database = `${LOOPBACK}:${ports[`DB${id}`]}`;
  return `
scope: app
name: ${node}
restapi: { listen: '${word}', connect_address: '${word}' }
etcd3: { hosts: ['${LOOPBACK}:${ports['ETCD']}'] }
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    primary_start_timeout: 0 # it is failed over at once, and not started again
    maximum_lag_on_failover: 1048576
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: { max_connections: 300, wal_level: logical, wal_log_hints: 'on', wal_keep_size: 256MB }
  initdb: [{ encoding: UTF8 }, { locale: C }, data-checksums, no-sync]
postgresql:
  listen: ${database}
  connect_address: ${database}
  data_dir: ${directory}/${node}
  bin_dir: ${bin}
  basebackup: [{ checkpoint: fast }, no-sync]
  pgpass: ${directory}/${node}.pgpass
  authentication:
    superuser: { username: postgres, password: ${password} }
    replication: { username: replicator, password: ${password} }
    rewind: { username: rewinder, password: ${password} }
  parameters:
    unix_socket_directories: ''
    dynamic_shared_memory_type: mmap
    shared_buffers: 32MB
    fsync: 'off'
    jit: 'off'
  pg_hba:
    - host all all ${LOOPBACK}/32 scram-sha-256
    - host replication replicator ${LOOPBACK}/32 scram-sha-256
`;
}

function proxy({ ports }: Made): string {
  const server = (id: 1 | 2) =>
    `server db${id} ${LOOPBACK}:${ports[`DB${id}`]} maxconn 100 check port ${ports[`WORD${id}`]}`;
  return `
global
  maxconn 200
defaults
  mode tcp
  timeout connect 1s
  timeout client 30m
  timeout server 30m
  timeout check 1s
listen primary
  bind ${LOOPBACK}:${ports['CLIENTS']}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 500ms fastinter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
  ${server(1)}
  ${server(2)}
`;
}
