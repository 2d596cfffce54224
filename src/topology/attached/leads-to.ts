// Where the way of a team's clients leads to, by a connection of drill's own that goes it: to one
// address, or along a list to the first server that takes writes.
import type { OwnWay } from '../../drill/attached/own-way.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { ownAddress } from '../../postgres/own/address.ts';
import { whoAnswers } from '../../postgres/own/queries.ts';
import { withConnection, type ConnectionLimits } from '../../postgres/server/connection.ts';
import { NO_ADDRESS } from '../../postgres/server/self.ts';

const SOCKET = 'over a Unix socket';
const LIMITS = { connect_ms: 1_000, statement_ms: 1_000 } as const;

interface Led {
  /** Null: it leads to no server that takes writes, or to one that nobody named. */
  readonly node: string | null;
  readonly takesWrites: boolean;
  readonly detail: string;
}

export async function leadsTo(way: OwnWay, limits: ConnectionLimits = LIMITS): Promise<Led> {
  if (way.by !== 'sql') {
    const detail = 'nobody but the team’s own program knows which server it is';
    return { node: null, takesWrites: false, detail };
  }
  const { urls, servers } = way;
  const found: string[] = [];
  for (const url of urls) {
    const address = ownAddress(url, null);
    if (address === null) throw new Error('expected the address of a database');
    try {
      const asClients = { ...address, isPlain: true } as const;
      const { own, why } = await withConnection(asClients, limits, whoAnswers);
      const node = servers[own] ?? null;
      const name = node ?? `a server that nobody named, ${own === NO_ADDRESS ? SOCKET : own}`;
      if (why === null) {
        return { node, takesWrites: true, detail: `it leads to ${name}, which takes writes` };
      }
      found.push(`${name} takes no writes: ${why}`);
    } catch (error) {
      found.push(reasonOf(error));
    }
  }
  return { node: null, takesWrites: false, detail: found.join('; ') };
}
