// Where the way of a team's clients leads to, by a connection of drill's own that goes it: to one
// address, or along a list to the first server that takes writes.
import type { OwnWay } from '../../drill/attached/own-way.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { ownAddress } from '../../postgres/own/address.ts';
import { whyNoWrites } from '../../postgres/own/queries.ts';
import { oneRow, withConnection } from '../../postgres/server/connection.ts';
import { OWN_ADDRESS } from '../../postgres/server/self.ts';
import type { OwnSystem } from '../system/own.ts';

const LIMITS = { connect_ms: 1_000, statement_ms: 1_000 } as const;

export async function leadsTo(way: OwnWay): Promise<Awaited<ReturnType<OwnSystem['leadsTo']>>> {
  if (way.by !== 'sql') {
    return { node: null, detail: 'nobody but the team’s own program knows which server it is' };
  }
  const { urls, servers } = way;
  const found: string[] = [];
  for (const url of urls) {
    const address = ownAddress(url, null);
    if (address === null) throw new Error('expected the address of a database');
    try {
      const { own, denied } = await withConnection(address, LIMITS, async (client) => {
        const here = await oneRow<{ own: string }>(client, `select ${OWN_ADDRESS} as own`);
        return { ...here, denied: await whyNoWrites(client) };
      });
      const node = servers[own] ?? null;
      const name = node ?? `a server that nobody named, ${own}`;
      if (denied === null) return { node, detail: `it leads to ${name}, which takes writes` };
      found.push(`${name} takes no writes`);
    } catch (error) {
      found.push(reasonOf(error));
    }
  }
  return { node: null, detail: found.join('; ') };
}
