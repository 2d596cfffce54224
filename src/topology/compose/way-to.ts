// How one region reaches the database of the other: a port of the proxy between them.
import { replicationLink, type Plan } from '../../drill/plan/plan.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import { PORTS, TOXIPROXY, type Slot } from './project/slots.ts';

/** The proxy to the region's server becomes a part of the replication link: its port inside. */
export async function wayTo(adopted: AdoptedLinks, plan: Plan, { slot }: Slot): Promise<number> {
  if (slot === 'east') return PORTS.replicationPostgres;
  const link = replicationLink(plan.replication);
  const name = `${link}.postgres-back`;
  const isKnown = adopted.links.get(link).proxies.some((proxy) => proxy.name === name);
  const inside = { served: 'west-east.postgres', host: TOXIPROXY, port: 0 };
  if (!isKnown) await adopted.adopt(link, name, inside);
  return PORTS.replicationPostgresBack;
}
