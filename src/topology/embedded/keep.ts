// Lets a system outlive its runner, and says how to reach it: to people, and to a later runner.
import { randomBytes } from 'node:crypto';
import { replicationLink } from '../../drill/plan/plan.ts';
import type { KeptNode } from '../../evidence/event.ts';
import type { GslbAddress } from '../../gslb/protocol.ts';
import { processStarted } from '../../host/process/processes.ts';
import type { StayBody } from '../../host/program/program-edge.ts';
import type { LinkProxy } from '../../link/links.ts';
import type { StartedLinks } from '../../link/start.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { keptNodes } from '../assembled/kept-nodes.ts';
import { writeKeptSystem } from '../kept-system.ts';
import type { ProcessRegion } from './driver.ts';
import type { ProgramNode } from './processes.ts';
import type { CartsKit } from './redis-servers.ts';
import type { ServerKit } from './servers.ts';

const TOKEN_BYTES = 24;

/** A process, told from a later one with the same id by when it started. */
interface KeptProcess {
  readonly node: string;
  readonly pid: number;
  readonly started: string;
}

/** An app instance; or a Redis server, whose place on the disk follows from the run's. */
interface KeptPart extends KeptProcess {
  readonly region: string;
  readonly host: string;
  readonly port: number;
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
  readonly gslb: KeptProcess & {
    readonly host: string;
    readonly port: number;
    readonly control: { readonly host: string; readonly port: number; readonly token: string };
  };
}

type ControlAddress = { readonly host: string; readonly port: number };

interface Keepable {
  readonly kit: ServerKit;
  /** Null: it has no Redis. */
  readonly carts: CartsKit | null;
  readonly regions: readonly ProcessRegion[];
  readonly gslb: { readonly program: ProgramNode; readonly address: GslbAddress };
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
    ...{ directory, admin, gslb: gslb.address, redis: carts?.password ?? null },
    living: regions.flatMap((region) => region.nodes()).filter((node) => node.pids().length > 0),
  });
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const instances = regions.flatMap((region) => region.instances.map(({ node }) => node));
  const [control] = await Promise.all([
    letStay(gslb.program, { token }) as Promise<ControlAddress>,
    ...instances.filter((node) => node.isAlive()).map((node) => node.stay()),
    running.stay().then(() => running.release()),
    ...regions.map((region) => region.close()),
  ]);
  for (const node of regions.flatMap((region) => region.all)) if (node.isAlive()) node.release();
  const parts = partsOf(kept, { ...control, token });
  writeKeptSystem(directory, { run, runtime: 'embedded', nodes, parts });
  return nodes;
}

async function letStay({ program }: ProgramNode, body: Partial<StayBody>): Promise<unknown> {
  const reply = await program.request('stay', body);
  program.release();
  return reply;
}

function partsOf(kept: Keepable, control: EmbeddedParts['gslb']['control']): EmbeddedParts {
  const { kit, carts, regions, gslb, running } = kept;
  const { context, credentials, binaries, sites } = kit;
  const { admin, workload } = credentials;
  const { links } = running;
  const { host, port } = gslb.address;
  const replication = links.get(replicationLink(context.plan.replication));
  const all = [replication, ...regions.map((region) => region.edge)];
  const living = regions.flatMap((region) => {
    const nodes = [
      ...region.servers.map(({ node, store }) => ({ kind: store.engine, node, at: store.at })),
      ...region.instances.map(({ node, at }) => ({ kind: 'app' as const, node, at })),
    ];
    return nodes
      .filter(({ node }) => node.isAlive())
      .map(({ kind, node, at }) => {
        const process = processOf(node.node, node.pid);
        return { kind, process: { ...process, region: region.name, host: at.host, port: at.port } };
      });
  });
  const processes = (wanted: string) =>
    living.filter(({ kind }) => kind === wanted).map(({ process }) => process);
  return {
    scratch: context.place.scratch,
    origin_ms: context.origin_ms,
    postgres: { version: binaries.version, bin: binaries.bin },
    ...{ admin, workload },
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

function processOf(node: string, pid: number): KeptProcess {
  return { node, pid, started: processStarted(pid) ?? '' };
}
