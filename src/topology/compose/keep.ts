// Lets a system of containers outlive its runner, and says how to reach it. The containers need
// nothing for it: the runner lets go.
import { join } from 'node:path';
import type { KeptNode } from '../../evidence/event.ts';
import { ORDERS_SERVICE } from '../../gslb/protocol.ts';
import { writePrivateFile } from '../../host/files.ts';
import type { ProgramClient } from '../../host/program-client.ts';
import { DATABASE } from '../../postgres/template.ts';
import { writeKeptSystem } from '../kept-system.ts';
import type { RunningGslb } from '../gslb.ts';
import type { NodeState, UpContext } from '../system.ts';
import type { Engine } from './engine.ts';
import type { ContainerLogs } from './logs.ts';
import type { Project } from './project.ts';
import type { ComposeRegion } from './region.ts';
import type { Witness } from './witness.ts';

const LOOK_MS = 5_000;

interface Keepable {
  readonly context: UpContext;
  readonly engine: Engine;
  readonly project: Project;
  readonly logs: ContainerLogs;
  readonly regions: ReadonlyMap<string, ComposeRegion>;
  readonly witness: Witness | null;
  readonly gslb: RunningGslb;
  readonly programs: readonly ProgramClient[];
  /** The address of the proxies' API. */
  readonly proxy: string;
}

/** Passwords stand only in the 0600 file. */
export async function keepSystem(kept: Keepable): Promise<KeptNode[]> {
  const { context, project, regions, gslb, proxy } = kept;
  const { admin } = project.secrets.postgres;
  const passfile = join(context.place.directory, 'pgpass');
  const nodes = [...regions.values()].flatMap((region) => region.nodes());
  const looks = await Promise.all(nodes.map((node) => node.look(LOOK_MS)));
  const living = nodes.filter((_, index) => looks[index]!.state !== 'dead');
  const servers = living.filter(({ kind }) => kind === 'postgres');
  const lines = servers.map(
    ({ host, port }) => `${host}:${port}:*:${admin.user}:${admin.password}\n`,
  );
  writePrivateFile(passfile, lines.join(''), null);
  letGo(kept);
  const databases = servers.map(({ node, host, port }): KeptNode => {
    const url = `postgres://${admin.user}@${host}:${port}/${DATABASE}`;
    return { node, url, connect: `PGPASSFILE='${passfile}' psql ${url}` };
  });
  const apps = living
    .filter(({ kind }) => kind === 'app')
    .map(({ node, host, port }): KeptNode => {
      const url = `http://${host}:${port}`;
      return { node, url, connect: `curl ${url}/readyz` };
    });
  const carts = keptCarts(kept, living);
  const dns = `dig @${gslb.host} -p ${gslb.port} ${ORDERS_SERVICE} SRV`;
  const all = [
    ...databases,
    ...carts,
    ...apps,
    { node: 'gslb', url: `dns://${gslb.host}:${gslb.port}`, connect: dns },
    { node: 'proxy', url: proxy, connect: `curl ${proxy}/proxies` },
  ];
  const { place, origin_ms } = context;
  // Not the rest of the environment: it is the user's own.
  const images = Object.entries(project.environment).filter(([name]) => isImage(name));
  const named = { ...project, environment: Object.fromEntries(images) };
  const compose = { docker: kept.engine.address.url, origin_ms, project: named };
  writeKeptSystem(place.directory, { run: place.id, runtime: 'compose', nodes: all, compose });
  return all;
}

function isImage(name: string): boolean {
  return name.startsWith('DRILL_IMAGE_');
}

/** The password stands only in the 0600 file that the command reads. */
function keptCarts({ context, project }: Keepable, living: readonly NodeState[]): KeptNode[] {
  const servers = living.filter(({ kind }) => kind === 'redis');
  if (servers.length === 0) return [];
  const file = join(context.place.directory, 'redis-auth');
  writePrivateFile(file, `${project.secrets.redis}\n`, null);
  return servers.map(({ node, host, port }) => {
    const connect = `REDISCLI_AUTH="$(cat '${file}')" redis-cli -h ${host} -p ${port}`;
    return { node, url: `redis://${host}:${port}`, connect };
  });
}

function letGo({ witness, programs, regions, logs }: Keepable): void {
  witness?.stop();
  for (const program of programs) program.close();
  logs.release();
  for (const region of regions.values()) void region.close();
}
