// The address of a server of somebody's own, as the driver takes it: what the text says of host,
// port, user and database, and the whole text beside it, which says how it is connected to.
import { withoutBrackets } from '../../base/host-port.ts';
import { databaseAddress, decoded } from '../../drill/database-address.ts';
import type { DatabaseAddress } from '../server/connection.ts';

const PORT = 5432;

/**
 * `password`: for an address that has none; null: there is none either. Null where the text is no
 * address of a database.
 */
export function ownAddress(text: string, password: string | null): DatabaseAddress | null {
  const stated = databaseAddress(text);
  if (stated === null) return null;
  const url = new URL(text);
  if (url.password === '' && password !== null) url.password = encodeURIComponent(password);
  const { hostname, port, username, pathname, searchParams } = url;
  return {
    host: withoutBrackets(searchParams.get('host') ?? hostname),
    port: Number(searchParams.get('port') ?? (port || PORT)),
    user: decoded(username),
    password: decoded(url.password),
    database: decoded(pathname.slice(1)),
    own: databaseAddress(url.href) ?? stated,
  };
}
