// Attaches to a system of somebody's own: nothing is started. Who its servers are is looked at,
// drill's own tables are made, and from then on every server is watched.
import { join } from 'node:path';
import { endpointOf, type OwnWay } from '../../drill/attached/own-way.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { isOwnPlan, type OwnPlan } from '../../drill/own-plan.ts';
import type { Endpoint } from '../../evidence/event.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import type { OrderId } from '../../evidence/restore.ts';
import { runFile } from '../../evidence/run-files.ts';
import { runCommand } from '../../host/command.ts';
import { orProblem, OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { withoutMark } from '../../host/process/environment.ts';
import { workingDirectory } from '../../host/process/processes.ts';
import { dropTables } from '../../postgres/own/drop.ts';
import { Looker } from '../../postgres/own/look.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import { makeTables, tablesOf, type OwnTables } from '../../postgres/own/tables.ts';
import { keptWords, timelineOf } from '../../postgres/own/told.ts';
import type { Variables } from '../runtime.ts';
import type { OwnSystem } from '../system/own.ts';
import type { Region } from '../system/region.ts';
import type { System, UpContext } from '../system/system.ts';
import { cannotMake, requireAlarm, requireClaim, requireMet, requireRails } from './admitted.ts';
import { askAlarm } from './alarm.ts';
import { countingOf, requireNothingCounted, type Counting } from './count.ts';
import { follows, nobodyWrites } from './follows.ts';
import { healthOf } from './health.ts';
import { leadsTo } from './leads-to.ts';
import type { Acquainted } from './meet.ts';
import { namedPrimary } from './primary.ts';
import { bites } from './seen.ts';
import { placesOf } from './servers.ts';
import { ownStores, type OwnStore } from './store.ts';
import { Watch } from './watch.ts';
import { ownWayOf, requireLed } from './way.ts';

const LOOK_AT_MOST_MS = 1_000;
const SETTINGS_MS = 20_000;
const SETTINGS_SHOWN = 4_000;

export async function attach(context: UpContext, environment: Variables): Promise<System> {
  const { plan, place, clock, emit, defer, fail } = context;
  if (!isOwnPlan(plan)) throw new Error('the plan has no system of somebody’s own');
  const planned = plan.attached;
  const theirs = withoutMark(environment);
  const met = await requireMet(plan, context, theirs);
  await requireRails(plan, context, met);
  const run = runnerOf(context, theirs);
  await requireAlarm(plan, run, context.signal);
  const { known, primary, log } = met;
  const servers = known.map(({ server }) => server);
  const tables = tablesOf(planned.schema, place.id, timelineOf(log));
  const lookers = servers.map((each) => new Looker(each, tables, clock, LOOK_AT_MOST_MS));
  const watch = new Watch({ lookers, clock, emit, fail });
  const clients = {
    id: place.id,
    timeout_ms: plan.workload.timeout_ms,
    table: tables.orders,
    timeline: tables.timeline,
  };
  const way = await ownWayOf(planned, known, clients, theirs);
  if (way.by === 'sql') await requireLed(way, planned);
  const counting = countingOf(planned, { run: place.id, table: tables.orders, log }, theirs);
  await requireNothingCounted(planned, counting, primary.server);
  const stores = ownStores(servers, tables, { log, counting });
  await defer({ undo: 'own-tables', cwd: workingDirectory() }, async () => {
    await watch.untilLed();
    await watch.end();
    await Promise.all([...stores.values()].map((store) => store.close()));
    await dropTables(servers, tables);
  });
  await requireClaim(context, primary.server, tables);
  await orProblem(makeTables(primary.server, tables), () =>
    cannotMake(planned.schema, primary.server),
  );
  if (log.told === null) emit('run.noted', { text: keptWords(primary.server.node, log) });
  await watch.begin();
  const settings = await settingsOf(planned, theirs);
  return systemOver({
    context,
    plan,
    environment: theirs,
    known,
    watch,
    stores,
    tables,
    counting,
    way,
    settings,
    run,
  });
}

/** What its commands print stands in the logs of the run. */
function runnerOf({ place }: UpContext, environment: Variables): OwnSystem['run'] {
  const logFile = join(place.logs, 'commands.log');
  return (command, atMost_ms, signal) =>
    runCommand(command, { environment, logFile, atMost_ms, signal });
}

async function settingsOf(
  { settings }: PlannedSystem,
  environment: Variables,
): Promise<Record<string, string>> {
  if (settings === null) return {};
  const printed = await unlessFailed(
    commandOutput(settings, { environment, atMost_ms: SETTINGS_MS }),
  );
  return { [settings.join(' ')]: (printed ?? 'not known').trim().slice(0, SETTINGS_SHOWN) };
}

interface Parts {
  readonly context: UpContext;
  readonly plan: OwnPlan;
  readonly environment: Variables;
  readonly known: readonly Acquainted[];
  readonly watch: Watch;
  readonly stores: ReadonlyMap<string, OwnStore>;
  readonly tables: OwnTables;
  readonly counting: Counting;
  readonly way: OwnWay;
  readonly settings: Readonly<Record<string, string>>;
  readonly run: OwnSystem['run'];
}

function systemOver(parts: Parts): System {
  const { context, plan, environment, known, watch, counting, settings } = parts;
  const { place } = context;
  const planned = plan.attached;
  const servers = known.map(({ server }) => server);
  const own = ownOver(parts);
  const ledger = runFile(place.directory, STORE_FILES.orders.ledger);
  const serving = async (signal?: AbortSignal) => {
    const asked = { how: planned.primary, servers, picture: watch.picture, environment, signal };
    const primary = await namedPrimary(asked);
    const look = watch.of(primary.node);
    if (look?.state === 'primary') return [primary.region];
    throw new OperationFailed({
      what: `${primary.node}, which the system calls its primary`,
      expected: 'it to take writes',
      found: look?.detail ?? 'nobody looked',
    });
  };
  return {
    description: {
      runtime: 'attached',
      postgres: known[0]!.version,
      proxy: 'none',
      settings: { 'system identifier': known[0]!.identifier, ...settings },
      endpoints: endpointsOf(planned, servers),
      nodes: servers.map(({ node }) => node),
    },
    region: (name) => regionOver(name, servers, parts),
    serving,
    health: () => healthOf({ plan, servers, counting, ledger, clock: context.clock, own, serving }),
    way: { gslb: null, database: null, own: parts.way },
    mark: place.id,
    directory: place.directory,
    programs: () => [],
    usage: null,
    bidirectional: null,
    backups: null,
    keep: () => Promise.resolve([]),
    lab: null,
    own,
  };
}

function ownOver(parts: Parts): OwnSystem {
  const { context, known, watch, stores, tables, counting, run } = parts;
  const { inServer } = counting;
  const placeOf = placesOf(known.map(({ server }) => server));
  return {
    picture: () => watch.picture,
    until: (find, signal) => watch.until(find, signal),
    leadsTo: async (signal) => {
      const found = await leadsTo(parts.way);
      signal.throwIfAborted();
      return found;
    },
    follow: async () => {
      const primary = watch.picture.find(({ state }) => state === 'primary');
      if (primary === undefined) return [nobodyWrites(watch.picture)];
      const servers = known.map(({ server }) => server);
      return await follows(primary.node, servers, tables, context.clock);
    },
    bites: (fault) => bites(fault, { placeOf, run }),
    hurts: (command, signal) => askAlarm({ run }, command, signal),
    haveRow: async (id) => {
      if (inServer === null) return null;
      const found = known.map(async ({ server }) => {
        return (await unlessFailed(inServer.has(server, id))) === true ? [server.node] : [];
      });
      return (await Promise.all(found)).flat();
    },
    takingWrites: () => {
      const taking = known.filter(({ server }) => watch.of(server.node)?.state === 'primary');
      return taking.map(({ server }) => {
        const store = stores.get(server.node)!;
        const stop = () => Promise.resolve();
        if (inServer === null) return { ...store, readRows: cannotBeAsked, rowsOf: null, stop };
        const rowsOf = (ids: readonly OrderId[]) => inServer.rowsOf(server, ids);
        return { ...store, rowsOf, stop };
      });
    },
    folder: workingDirectory(),
    run,
  };
}

/** Its store is that of the server that takes writes, of several; else of the first one. */
function regionOver(name: string, servers: readonly OwnServer[], { watch, stores }: Parts): Region {
  const there = servers.filter(({ region }) => region === name);
  if (there.length === 0) throw new Error(`there is no region ${name}`);
  return {
    name,
    get stores() {
      const taking = there.find(({ node }) => watch.of(node)?.state === 'primary');
      return new Map([['orders', stores.get((taking ?? there[0]!).node)!] as const]);
    },
  };
}

function cannotBeAsked(): Promise<never> {
  return Promise.reject(
    new OperationFailed({
      what: 'the count of what clients wrote',
      expected: 'to say what stands in one server alone',
      found: 'one that says what stands in all of the system',
    }),
  );
}

function endpointsOf({ clients }: PlannedSystem, servers: readonly OwnServer[]): Endpoint[] {
  const databases = servers.map(({ node, address: { host, port } }): Endpoint => {
    return { name: node, kind: 'database', host, port, protocol: 'postgres' };
  });
  switch (clients.by) {
    case 'list':
    case 'command':
      return databases;
    case 'address': {
      const { host, port } = clients;
      return [{ name: 'clients', kind: 'way-in', host, port, protocol: 'postgres' }, ...databases];
    }
    case 'http': {
      const { host, port } = endpointOf(clients.url);
      return [{ name: 'clients', kind: 'way-in', host, port, protocol: 'http' }, ...databases];
    }
  }
}
