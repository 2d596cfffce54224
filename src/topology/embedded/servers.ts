// The PostgreSQL servers of a run: where each lives on disk, and how a primary and a standby are
// started from the template.
import { orProblem } from '../../host/operation-failed.ts';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plan } from '../../drill/plan/plan.ts';
import { databaseConnections } from '../../drill/plan/system-differences.ts';
import { ORDERS_SCHEMA } from '../../app/protocol.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { copyTree, freeBytes, makePrivateDirectory, writePrivateFile } from '../../host/files.ts';
import { makeMarkedDirectory } from '../../host/tree/marked-directory.ts';
import { continueTrees } from '../../host/process/processes.ts';
import { temporaryDirectory } from '../../host/temporary.ts';
import type { PostgresBinaries } from '../../postgres/server/binaries.ts';
import { cacheDirectory } from '../../postgres/server/cache.ts';
import { ownerOf, type Identity } from '../../postgres/server/identity.ts';
import { startServer, type Server } from '../../postgres/server/launcher.ts';
import { newCredentials, preparePrimary, type Credentials } from '../../postgres/server/primary.ts';
import {
  connectionInfo,
  serverSettings,
  setStandby,
  writeConfiguration,
  type Admission,
  type Settings,
} from '../../postgres/server/settings.ts';
import { ADMIN, DATABASE, ensureTemplate, type Template } from '../../postgres/server/template.ts';
import { adminAddress, openDatabase } from '../assembled/database.ts';
import type { UpContext } from '../system/system.ts';
import type { ProcessRegion } from './driver.ts';
import { nodeAt, watch, type Processes, type ProcessNode } from './processes.ts';
import { copyAtMostMs, tellData, withData, type Data } from './data.ts';

export const READY_MS = 30_000;
/** Two copies of the template, and write-ahead log of some minutes of load. */
export const RUN_BYTES = 600 * 1024 * 1024;

/** One server's place. */
export interface Site {
  readonly region: string;
  /** `west/postgres` */
  readonly node: string;
  readonly directory: string;
  readonly data: string;
  readonly logFile: string;
}

/** The common parts of all servers of a run. */
export interface ServerKit {
  readonly context: UpContext;
  readonly processes: Processes;
  readonly sites: ReadonlyMap<string, Site>;
  readonly binaries: PostgresBinaries;
  readonly identity: Identity;
  readonly template: Template;
  readonly data: Data | null;
  readonly credentials: Credentials;
  readonly settings: Settings;
  /** The last port of each server, by node: apps and proxies know it there. */
  readonly ports: Map<string, number>;
}

/** The run's scratch directory, open for passing through to the user that the databases run as. */
export function makeScratch({ place }: UpContext, identity: Identity): void {
  temporaryDirectory(identity.isOther ? identity : null);
  makeMarkedDirectory(place.scratch, place.id, identity.isOther ? 0o711 : 0o700);
  const free = freeBytes(place.scratch);
  if (free >= RUN_BYTES) return;
  throw new EnvironmentError({
    what: 'disk space for the databases',
    expected: `${RUN_BYTES >> 20} MB free in ${place.scratch}`,
    found: `${free >> 20} MB`,
    hint: 'free some space, or point TMPDIR to a larger disk',
  });
}

type Prepared = Pick<ServerKit, 'context' | 'processes' | 'sites' | 'binaries' | 'identity'>;

/** A template that is made now: what it is, in words; where; and what the one before suffered. */
interface Making {
  readonly what: string;
  readonly directory: string;
  readonly damage: string | null;
}

/** The templates, made on a first run, and what every server of this run shares. */
export async function prepareServers(
  prepared: Prepared,
  onMaking: (making: Making) => Promise<void>,
): Promise<ServerKit> {
  const { context, processes, binaries, identity } = prepared;
  const { environment } = processes;
  const cache = cacheDirectory(environment, identity);
  const { signal } = context;
  const tells = (what: string) => async (directory: string, damage: string | null) => {
    await onMaking({ what, directory, damage });
  };
  const onFirstRun = tells(`PostgreSQL ${binaries.version} (some seconds, once)`);
  const options = { binaries, identity, cache, environment, signal, onFirstRun };
  const plain = await ensureTemplate(options);
  const onFill = tells('a database of that size (once)');
  const { template, data } = await withData(prepared, cache, plain, onFill);
  const settings = settingsOf(context.plan);
  return { ...prepared, template, data, credentials: newCredentials(), settings, ports: new Map() };
}

/** For another run in the same place: what is found once is the same for all of them. */
export function kitAgain(
  kit: ServerKit,
  own: Pick<ServerKit, 'context' | 'processes' | 'sites'>,
): ServerKit {
  const settings = settingsOf(own.context.plan);
  // Filled for an earlier trial, if this series did.
  const data = kit.data === null ? null : ({ ...kit.data, from: 'cache', ms: 0 } as const);
  return { ...kit, ...own, data, settings, credentials: newCredentials(), ports: new Map() };
}

export function siteOf({ place }: Pick<UpContext, 'place'>, region: string): Site {
  const directory = join(place.scratch, region);
  return {
    region,
    node: `${region}/postgres`,
    directory,
    data: join(directory, 'data'),
    logFile: join(place.logs, `${region}-postgres.log`),
  };
}

/**
 * Both servers carry the synchronous names: that is what a copied configuration does to the one
 * that is promoted.
 */
function settingsOf(plan: Plan): Settings {
  const { replication } = plan;
  const connections = databaseConnections(plan);
  const names = replication.mode === 'sync' ? `"${replication.to}"` : '';
  return { ...serverSettings(connections), synchronous_standby_names: names };
}

/** A copy of the template, owned by the databases' user. */
export async function copyTemplate(kit: ServerKit, site: Site): Promise<void> {
  makePrivateDirectory(site.directory, ownerOf(kit.identity));
  const { data } = kit.template;
  const { environment } = kit.processes;
  const copied = copyTree(data, site.data, environment, copyAtMostMs(kit.context.plan));
  const closed = copied.then(() => chmodSync(site.data, 0o700));
  await orProblem(closed, () => ({
    what: `the data directory of ${site.node}`,
    expected: `the template ${data} to be copied to ${site.data}`,
    hint: `make room; the template is in ${dirname(data)}, which may be removed`,
  }));
}

/** Starts the copy at `site` as the primary, with roles, passwords and the orders table. */
export async function startPrimary(kit: ServerKit, site: Site, changes: Settings): Promise<Server> {
  configure(kit, site, changes);
  const server = await start(kit, site);
  await preparePrimary(server, kit.template.password, kit.credentials, ORDERS_SCHEMA);
  const address = adminAddress(server, kit.credentials.admin);
  await tellData(kit.context, site.node, kit.data, address);
  return server;
}

/**
 * Starts the copy at `site` as a standby of the server behind `primary` (a proxy of the replication
 * link).
 */
export async function startStandby(
  kit: ServerKit,
  site: Site,
  primary: { readonly host: string; readonly port: number },
): Promise<Server> {
  const { user } = kit.credentials.replication;
  const from = { ...primary, user, name: site.region, passfile: writePassfile(kit, site) };
  configure(kit, site, { primary_conninfo: connectionInfo(from) });
  setStandby(site.data, true, ownerOf(kit.identity));
  return await start(kit, site);
}

/** The file with the password of replication for the region's server; its path. */
export function writePassfile({ credentials, identity }: ServerKit, { directory }: Site): string {
  const { user, password } = credentials.replication;
  const passfile = join(directory, 'replication.pgpass');
  writePrivateFile(passfile, `*:*:*:${user}:${password}\n`, ownerOf(identity));
  return passfile;
}

/**
 * A server that has ended, on its directory, as the primary that it was: whoever opened its disk
 * meanwhile has left a configuration of their own.
 */
export async function startAgain(kit: ServerKit, site: Site): Promise<Server> {
  configure(kit, site, {});
  return await start(kit, site);
}

function configure(kit: ServerKit, site: Site, changes: Settings): void {
  const settings = { ...kit.settings, ...changes };
  writeConfiguration(site.data, settings, admissionsOf(kit), ownerOf(kit.identity));
}

/** Who may ask a server of the run for what. */
export function admissionsOf({ credentials }: ServerKit): Admission[] {
  return [
    { database: 'all', user: ADMIN },
    { database: DATABASE, user: credentials.workload.user },
    { database: 'replication', user: credentials.replication.user },
    // Logical replication names the database.
    { database: DATABASE, user: credentials.replication.user },
  ];
}

/** The options that are the same however the site's server is started. */
export function serverOptions(kit: ServerKit, site: Site) {
  return {
    title: site.node,
    bin: kit.binaries.bin,
    data: site.data,
    identity: kit.identity,
    environment: kit.processes.environment,
    logFile: site.logFile,
  };
}

/** The server that was started is the region's database from now on. */
export function joinServer(kit: ServerKit, region: ProcessRegion, server: Server): void {
  const { context, credentials } = kit;
  const { clock, plan } = context;
  const store = openDatabase({
    server,
    admin: credentials.admin,
    workload: credentials.workload,
    plan,
    region: region.name,
    clock,
  });
  region.joinDatabase({ node: ownNode(kit, server), store });
  kit.processes.ends.push(() => store.close());
}

/** A server that this runner has started, and ends. */
export function ownNode({ context, processes }: ServerKit, server: Server): ProcessNode {
  const watched = watch(server.title, server.pid, server.ended, context.emit);
  // Without leaving shared memory behind. One that stands still would not hear that it is to end.
  processes.ends.push(async () => {
    watched.expectEnd();
    if (watched.isAlive()) continueTrees([server.pid]);
    await server.abandon();
  });
  return nodeAt(watched, server, processes.run, server);
}

async function start(kit: ServerKit, site: Site): Promise<Server> {
  const { context } = kit;
  const begun = context.clock.now();
  const server = await startServer({
    ...serverOptions(kit, site),
    clock: context.clock,
    ready_ms: READY_MS,
    port: kit.ports.get(site.node),
    signal: context.signal,
  });
  kit.ports.set(site.node, server.port);
  const ms = context.clock.now() - begun;
  context.emit('node.started', { node: site.node, pid: server.pid, ms });
  return server;
}
