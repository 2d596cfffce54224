// How people reach a system that outlives its runner: an address and a command for every part that
// lives. Passwords stand only in 0600 files, which the commands read.
import { join } from 'node:path';
import type { KeptNode } from '../../evidence/event.ts';
import { ORDERS_SERVICE } from '../../gslb/protocol.ts';
import { writePrivateFile } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import type { Address } from '../../host/ports.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import type { NodeState } from '../system/region.ts';

const REDIS_AUTH = 'redis-auth';
const PASSWORD_BYTES = 4_096;

export interface Reachable {
  /** The run directory. */
  readonly directory: string;
  readonly living: readonly Pick<NodeState, 'node' | 'kind' | 'host' | 'port'>[];
  readonly admin: Role;
  /** The password of Redis; null where there is none. */
  readonly redis: string | null;
  readonly gslb: Address;
}

export function keptNodes({ directory, living, admin, redis, gslb }: Reachable): KeptNode[] {
  const of = (wanted: NodeState['kind']) => living.filter(({ kind }) => kind === wanted);
  const passfile = join(directory, 'pgpass');
  const lines = of('postgres').map(
    ({ host, port }) => `${host}:${port}:*:${admin.user}:${admin.password}\n`,
  );
  writePrivateFile(passfile, lines.join(''), null);
  const databases = of('postgres').map(({ node, host, port }) => {
    const url = `postgres://${admin.user}@${host}:${port}/${DATABASE}`;
    return { node, url, connect: `PGPASSFILE='${passfile}' psql ${url}` };
  });
  const auth = join(directory, REDIS_AUTH);
  if (redis !== null) writePrivateFile(auth, `${redis}\n`, null);
  const carts = of('redis').map(({ node, host, port }) => {
    const connect = `REDISCLI_AUTH="$(cat '${auth}')" redis-cli -h ${host} -p ${port}`;
    return { node, url: `redis://${host}:${port}`, connect };
  });
  const apps = of('app').map(({ node, host, port }) => {
    const url = `http://${host}:${port}`;
    return { node, url, connect: `curl ${url}/readyz` };
  });
  const dns = `dig @${gslb.host} -p ${gslb.port} ${ORDERS_SERVICE} SRV`;
  const balancer = { node: 'gslb', url: `dns://${gslb.host}:${gslb.port}`, connect: dns };
  return [...databases, ...carts, ...apps, balancer];
}

/** The password of Redis in the run directory of a system that is up. */
export function readRedisPassword(directory: string): string {
  return readPlainFile(join(directory, REDIS_AUTH), PASSWORD_BYTES).toString('utf8').trim();
}
