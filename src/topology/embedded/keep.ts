// Lets a system outlive its runner, and says how to reach it: to people, and to a later runner.
import { join } from 'node:path';
import { replicationLink } from '../../drill/plan/plan.ts';
import type { KeptNode } from '../../evidence/event.ts';
import { writePrivateFile } from '../../host/files.ts';
import type { Address } from '../../host/ports.ts';
import { makeSecret } from '../../host/secret.ts';
import { type OtherProcess, processStarted } from '../../host/process/processes.ts';
import { originOf } from '../../link/client.ts';
import type { LinkProxy } from '../../link/links.ts';
import type { StartedLinks } from '../../link/start.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { keptNodes } from '../assembled/kept-nodes.ts';
import { readKeptSystem, writeKeptSystem } from '../kept-system.ts';
import type { NodeState } from '../system/region.ts';
import type { ProcessRegion } from './driver.ts';
import type { ProgramNode } from './processes.ts';
import type { CartsKit } from './redis-servers.ts';
import type { ServerKit } from './servers.ts';

interface KeptProcess extends OtherProcess {
  readonly node: string;
}

/** An app instance; or a Redis server, whose place on the disk follows from the run's. */
interface KeptPart extends KeptProcess, Address {
  readonly region: string;
}

interface KeptServer extends KeptPart {
  readonly data: string;
  readonly logFile: string;
}

/** A system of processes on this machine. */
export interface EmbeddedParts {
  readonly scratch: string;
  /** The zero of the times that its programs tell, on this machine's monotonic clock. */
  readonly origin_ms: number;
  readonly postgres: { readonly version: string; readonly bin: string };
  readonly admin: Role;
  readonly workload: Role;
  readonly servers: readonly KeptServer[];
  /** Null: the system has no Redis. */
  readonly carts: { readonly password: string; readonly servers: readonly KeptPart[] } | null;
  readonly apps: readonly KeptPart[];
  readonly proxy: KeptProcess & { readonly url: string };
  readonly links: readonly { readonly name: string; readonly proxies: readonly LinkProxy[] }[];
  readonly gslb: KeptProcess & Address & { readonly control: Control };
}

type Control = Address & { readonly token: string };

interface Keepable {
  readonly kit: ServerKit;
  /** Null: it has no Redis. */
  readonly carts: CartsKit | null;
  readonly regions: readonly ProcessRegion[];
  readonly gslb: { readonly program: ProgramNode; readonly address: Address };
  readonly running: StartedLinks;
}

/**
 * The runner can end after this; `drill clean` ends the system. Passwords stand only in the 0600
 * file.
 */
export async function keepSystem(kept: Keepable): Promise<KeptNode[]> {
  const { kit, carts, gslb, running, regions } = kept;
  const { id: run, directory } = kit.context.place;
  const { admin } = kit.credentials;
  const nodes = keptNodes({
    directory,
    admin,
    gslb: gslb.address,
    redis: carts?.password ?? null,
    living: regions.flatMap((region) => region.nodes()).filter((node) => node.pids().length > 0),
  });
  const token = makeSecret();
  const instances = regions.flatMap((region) => region.instances.map(({ node }) => node));
  const [control] = await Promise.all([
    gslb.program.program.request('stay', { token }) as Promise<Address>,
    ...instances.filter((node) => node.isAlive()).map((node) => node.stay()),
    running.stay().then(() => running.release()),
    ...regions.map((region) => region.close()),
  ]);
  gslb.program.program.release();
  for (const node of regions.flatMap((region) => region.all)) if (node.isAlive()) node.release();
  const parts = partsOf(kept, { ...control, token });
  const all = [...nodes, proxyNode(directory, running.links.url)];
  writeKeptSystem(directory, { run, runtime: 'embedded', nodes: all, parts });
  return all;
}

/** Whoever knows the whole address steers the proxy: it stands in a file, as passwords do. */
function proxyNode(directory: string, url: string): KeptNode {
  const file = join(directory, 'proxy-url');
  writePrivateFile(file, `${url}\n`, null);
  return { node: 'proxy', url: originOf(url), connect: `curl "$(cat '${file}')/proxies"` };
}

function partsOf(kept: Keepable, control: Control): EmbeddedParts {
  const { kit, carts, regions, gslb, running } = kept;
  const { context, credentials, binaries, sites } = kit;
  const { admin, workload } = credentials;
  const { links } = running;
  const { host, port } = gslb.address;
  const replication = links.get(replicationLink(context.plan.replication));
  const all = [replication, ...regions.map((region) => region.edge)];
  const processes = (kind: NodeState['kind']): KeptPart[] =>
    regions.flatMap((region) =>
      [
        ...region.servers.map(({ node, store }) => ({ kind: store.engine, node, at: store.at })),
        ...region.instances.map(({ node, at }) => ({ kind: 'app', node, at })),
      ]
        .filter((each) => each.kind === kind && each.node.isAlive())
        .map(({ node: { node, pid }, at: { host, port } }) => {
          return { ...processOf(node, pid), region: region.name, host, port };
        }),
    );
  return {
    scratch: context.place.scratch,
    origin_ms: context.origin_ms,
    postgres: { version: binaries.version, bin: binaries.bin },
    admin,
    workload,
    servers: processes('postgres').map((process) => {
      const { data, logFile } = sites.get(process.region)!;
      return { ...process, data, logFile };
    }),
    carts: carts && { password: carts.password, servers: processes('redis') },
    apps: processes('app'),
    proxy: { ...processOf('proxy', running.pid), url: links.url },
    links: all.map(({ name, proxies }) => ({ name, proxies })),
    gslb: { ...processOf('gslb', gslb.program.pid), host, port, control },
  };
}

/** A part of a system that is up is another process from now on, in the same place. */
export function keepAgain(directory: string, { node, pid }: Pick<KeptProcess, 'node' | 'pid'>) {
  const kept = readKeptSystem(directory);
  const parts = kept.parts as EmbeddedParts;
  const now = <P extends KeptPart>(all: readonly P[]) =>
    all.map((part) => (part.node === node ? { ...part, ...processOf(node, pid) } : part));
  const carts = parts.carts && { ...parts.carts, servers: now(parts.carts.servers) };
  const again = { ...parts, carts, servers: now(parts.servers), apps: now(parts.apps) };
  writeKeptSystem(directory, { ...kept, parts: again satisfies EmbeddedParts });
}

function processOf(node: string, pid: number): KeptProcess {
  return { node, pid, started: processStarted(pid) ?? '' };
}
