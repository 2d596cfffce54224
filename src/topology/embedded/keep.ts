// Lets a system outlive its runner, and says how to reach it: to people, and to a later runner.
import { randomBytes } from 'node:crypto';
import type { KeptNode } from '../../evidence/event.ts';
import { processStarted } from '../../host/process/processes.ts';
import type { StayBody } from '../../host/program/program-edge.ts';
import type { Link, LinkProxy } from '../../link/links.ts';
import type { StartedLinks } from '../../link/start.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { keptNodes } from '../assembled/kept-nodes.ts';
import { writeKeptSystem } from '../kept-system.ts';
import type { RunPlace } from '../system/system.ts';
import type { EmbeddedGslb } from './gslb.ts';
import type { ProgramNode } from './nodes.ts';
import { letGoOfCarts, type CartsKit } from './redis-servers.ts';
import type { EmbeddedRegion } from './region.ts';

const TOKEN_BYTES = 24;

/** A process, told from a later one with the same id by when it started. */
interface KeptProcess {
  readonly node: string;
  readonly pid: number;
  readonly started: string;
}

export interface KeptServer extends KeptProcess {
  readonly region: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly logFile: string;
}

export interface KeptApp extends KeptProcess {
  readonly region: string;
  readonly host: string;
  readonly port: number;
}

/** A Redis server; where its data is follows from the run's place. */
export type KeptCarts = KeptApp;

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
  readonly carts: { readonly password: string; readonly servers: readonly KeptCarts[] } | null;
  readonly apps: readonly KeptApp[];
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
  readonly place: RunPlace;
  readonly origin_ms: number;
  readonly postgres: EmbeddedParts['postgres'];
  readonly admin: Role;
  readonly workload: Role;
  readonly sites: ReadonlyMap<string, Pick<KeptServer, 'data' | 'logFile'>>;
  readonly regions: readonly EmbeddedRegion[];
  readonly gslb: EmbeddedGslb;
  /** Null: it has no Redis. */
  readonly carts: CartsKit | null;
  /** Between the databases. */
  readonly replication: Link;
  readonly links: StartedLinks;
}

/**
 * The runner can end after this; `drill clean` ends the system. Passwords stand only in the 0600
 * file.
 */
export async function keepSystem(kept: Keepable): Promise<KeptNode[]> {
  const { admin, carts, gslb, links, regions } = kept;
  const { id: run, directory } = kept.place;
  const living = regions.map((region) => region.living());
  const nodes = keptNodes({
    ...{ directory, admin, gslb, redis: carts?.password ?? null },
    living: regions.flatMap((region) => region.nodes()).filter((node) => node.pids().length > 0),
  });
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const [control] = await Promise.all([
    letStay(gslb.node, { token }) as Promise<ControlAddress>,
    ...living.flatMap(({ programs }) => programs.map((program) => letStay(program, {}))),
    links.stay().then(() => links.release()),
    ...regions.map((region) => region.database.close()),
  ]);
  for (const { server } of living) server?.release();
  await letGoOfCarts(carts);
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
  const { place, origin_ms, postgres, admin, workload, regions, gslb, links, replication } = kept;
  const { host, port } = gslb;
  const url = links.links.url;
  const all = [replication, ...regions.map((region) => region.edge)];
  return {
    ...{ scratch: place.scratch, origin_ms, postgres, admin, workload },
    servers: regions.flatMap((region) => {
      const { server } = region.living();
      if (server === null) return [];
      const { data, logFile } = kept.sites.get(region.name)!;
      const at = { host: server.host, port: server.port, data, logFile };
      return [{ ...processOf(server.title, server.pid), region: region.name, ...at }];
    }),
    carts: kept.carts && {
      password: kept.carts.password,
      servers: kept.carts.nodes
        .filter(({ watched }) => watched.isAlive())
        .map(({ server: { title, pid, host, port } }) => {
          return { ...processOf(title, pid), region: title.split('/')[0]!, host, port };
        }),
    },
    apps: regions.flatMap((region) =>
      region.livingApps().map(({ node, pid, host, port }) => {
        return { ...processOf(node, pid), region: region.name, host, port };
      }),
    ),
    proxy: { ...processOf('proxy', links.pid), url },
    links: all.map(({ name, proxies }) => ({ name, proxies })),
    gslb: { ...processOf('gslb', gslb.node.pid), host, port, control },
  };
}

function processOf(node: string, pid: number): KeptProcess {
  return { node, pid, started: processStarted(pid) ?? '' };
}
