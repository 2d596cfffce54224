// Lets a system outlive its runner, and says how to reach it.
import { join } from 'node:path';
import { ORDERS_SERVICE } from '../../gslb/protocol.ts';
import type { KeptNode } from '../../evidence/event.ts';
import { writePrivateFile } from '../../host/files.ts';
import type { Role } from '../../postgres/primary.ts';
import { DATABASE } from '../../postgres/template.ts';
import type { RunningGslb } from './gslb.ts';
import type { ProgramNode } from './nodes.ts';
import type { EmbeddedRegion } from './region.ts';

interface Keepable {
  readonly directory: string;
  readonly admin: Role;
  readonly regions: readonly EmbeddedRegion[];
  readonly gslb: RunningGslb;
  readonly links: { stay(): Promise<void>; release(): void };
}

/**
 * The runner can end after this; `drill clean` ends the system. Passwords stand only in the 0600
 * file.
 */
export async function keepSystem(kept: Keepable): Promise<KeptNode[]> {
  const { admin, gslb, links, regions } = kept;
  const passfile = join(kept.directory, 'pgpass');
  const living = regions.map((region) => region.living());
  const servers = living.flatMap(({ server }) => (server === null ? [] : [server]));
  const lines = servers.map(
    ({ host, port }) => `${host}:${port}:*:${admin.user}:${admin.password}\n`,
  );
  writePrivateFile(passfile, lines.join(''), null);
  await Promise.all([
    ...living.flatMap(({ programs }) => programs.map(letStay)),
    letStay(gslb.node),
    links.stay().then(() => links.release()),
    ...regions.map((region) => region.database.close()),
  ]);
  for (const server of servers) server.release();
  const databases = servers.map(({ title, host, port }): KeptNode => {
    const url = `postgres://${admin.user}@${host}:${port}/${DATABASE}`;
    return { node: title, url, connect: `PGPASSFILE='${passfile}' psql ${url}` };
  });
  const apps = regions.flatMap((region) =>
    region.nodes().flatMap(({ node, kind, host, port, pids }): KeptNode[] => {
      if (kind !== 'app' || pids().length === 0) return [];
      const url = `http://${host}:${port}`;
      return [{ node, url, connect: `curl ${url}/readyz` }];
    }),
  );
  const dns = `dig @${gslb.host} -p ${gslb.port} ${ORDERS_SERVICE} SRV`;
  const balancer = { node: 'gslb', url: `dns://${gslb.host}:${gslb.port}`, connect: dns };
  return [...databases, ...apps, balancer];
}

async function letStay({ program }: ProgramNode): Promise<void> {
  await program.request('stay', {});
  program.release();
}
