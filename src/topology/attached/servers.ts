// The servers of a system of somebody's own, as they can be connected to: their addresses with the
// password in them, which stands in memory alone.
import { hostAndPort, withBrackets } from '../../base/host-port.ts';
import { regionOf } from '../../base/node-name.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import type { Address } from '../../host/ports.ts';
import { secretOf } from '../../host/process/stated-secret.ts';
import { ownAddress } from '../../postgres/own/address.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import type { Variables } from '../runtime.ts';

const PASSWORD = 'the password of the databases (topology.system.password)';

type Stated = Pick<PlannedSystem, 'databases' | 'password'>;

/**
 * Rejects, as a problem of the environment, where there is no password to be had; `directory`:
 * where the drill was called, if that is not here.
 */
export async function ownServers(
  { databases, password }: Stated,
  environment: Variables,
  directory?: string,
): Promise<OwnServer[]> {
  const secret =
    password === null ? null : await secretOf(PASSWORD, password, environment, directory);
  return databases.map(({ node, url }) => {
    const address = ownAddress(url, secret);
    if (address === null) throw new Error('expected the address of a database');
    return { node, region: regionOf(node), address };
  });
}

/** Where a server of that name, or `host:port` beside them, can be connected to. */
export type PlaceOf = (where: string) => Address & { readonly database: DatabaseAddress | null };

export function placesOf(servers: readonly OwnServer[]): PlaceOf {
  return (where) => {
    const server = servers.find(({ node }) => node === where);
    if (server === undefined) return { ...hostAndPort(where), database: null };
    const { host, port } = server.address;
    return { host, port, database: server.address };
  };
}

/** The same address for clients that are led to a server by something else. */
export function throughAddress(
  url: string,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const through = new URL(url);
  for (const stated of ['host', 'port']) through.searchParams.delete(stated);
  through.host = `${withBrackets(host)}:${port}`;
  return through.href;
}
