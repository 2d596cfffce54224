// What `docker compose` is told for a run: files, services, and the environment that the files
// read. Everything else about the run's containers goes through the engine's API.
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundedDisks } from '../../../drill/plan/bounded-disks.ts';
import type { Plan } from '../../../drill/plan/plan.ts';
import { thisRunner } from '../../../host/process/runner.ts';
import { STRATEGY_FACTS } from '../../../drill/plan/strategies.ts';
import { databaseConnections } from '../../../drill/plan/system-differences.ts';
import { newCredentials, type Credentials } from '../../../postgres/server/primary.ts';
import { newPassword } from '../../../postgres/server/scram.ts';
import { cartSettings } from '../../assembled/carts.ts';
import { repositoryReceiver } from '../../assembled/repository.ts';
import type { RunPlace, UpContext } from '../../system/system.ts';
import type { Variables } from '../../runtime.ts';
import type { Engine } from '../engine/engine.ts';
import { projectName } from '../engine/labels.ts';
import { diskLayer } from './disks.ts';
import { COMPOSE_FOLDER, packagePlace } from './package-place.ts';
import { INSTANCES_IN_FILE, PORTS, slotsOf, TOXIPROXY, type Slot } from './slots.ts';

/** The repository, as the compose file calls it. */
export const REPOSITORY_SERVICE = 'west-storage';

/** The secrets of one run; they live in the environment of its containers and of `compose up`. */
export interface Secrets {
  readonly postgres: Credentials;
  readonly redis: string;
  /** Of the requests to the programs. */
  readonly control: string;
  /** Of the log that is brought to the repository. */
  readonly archive: string;
}

export interface Project {
  readonly name: string;
  readonly files: readonly string[];
  readonly services: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
}

export function describeProject(
  { plan, place, origin_ms }: UpContext,
  engine: Engine,
  own: Variables,
  /** The user's, absolute. */
  files: readonly string[],
  /** By part. */
  images: ReadonlyMap<string, string>,
): Project {
  const secrets: Secrets = {
    postgres: newCredentials(),
    redis: newPassword(),
    control: newPassword(),
    archive: newPassword(),
  };
  const override = join(place.directory, 'compose.override.yaml');
  const layer = layerOf(plan, images);
  // JSON is YAML too.
  if (layer !== null) {
    writeFileSync(override, `${JSON.stringify(layer, null, 2)}\n`, { mode: 0o600 });
  }
  return {
    name: projectName(place.id),
    files: [
      join(COMPOSE_FOLDER, 'compose.yaml'),
      ...[join(COMPOSE_FOLDER, `${plan.strategy}.yaml`)].filter(existsSync),
      ...(layer === null ? [] : [override]),
      ...files,
    ],
    services: servicesOf(plan),
    environment: composeEnvironment(plan, place, origin_ms, engine, own, secrets),
    secrets,
  };
}

/** What the plan has besides what every system has; null: nothing. */
function layerOf(plan: Plan, images: ReadonlyMap<string, string>) {
  const ports = furtherPorts(plan).map((port) => `127.0.0.1::${port}`);
  const { services, volumes } = diskLayer(plan, images);
  const toxiproxy = ports.length > 0 ? { toxiproxy: { ports } } : {};
  const layer = { services: { ...services, ...toxiproxy }, volumes };
  return Object.keys(layer.services).length === 0 ? null : layer;
}

/** Of the proxies that lead to more instances than the compose file knows. */
function furtherPorts(plan: Plan): number[] {
  return slotsOf(plan).flatMap(({ slot, most }) =>
    Array.from({ length: most }, (_, i) => i + 1)
      .filter((instance) => instance > INSTANCES_IN_FILE)
      .map((instance) => PORTS.app(slot, instance)),
  );
}

function servicesOf(plan: Plan): string[] {
  const { database } = STRATEGY_FACTS[plan.strategy];
  const inRegions = slotsOf(plan).flatMap(({ slot, region }) => {
    const count = Math.min(region.app.instances, INSTANCES_IN_FILE);
    const apps = Array.from({ length: count }, (_, i) => `${slot}-app-${i + 1}`);
    const redis = plan.redis === null ? [] : [`${slot}-redis`];
    const postgres = slot === 'west' && database === 'none' ? [] : [`${slot}-postgres`];
    return [...postgres, ...redis, ...apps];
  });
  const repository = plan.backup === null ? [] : [REPOSITORY_SERVICE];
  return ['toxiproxy', 'gslb', ...repository, ...inRegions];
}

const ELSEWHERE = /^((COMPOSE|DRILL)_|DOCKER_(HOST|CONTEXT|DEFAULT_PLATFORM)$)/;
/** The variables of drill's that a user may set for the compose file. */
const STATED = /^DRILL_(IMAGE|CPUS|[A-Z]+_MEMORY|HEALTH|TOXIPROXY)/;

/** The environment of `docker compose up`: the user's own without what would turn it elsewhere. */
function composeEnvironment(
  plan: Plan,
  place: RunPlace,
  origin_ms: number,
  engine: Engine,
  own: Variables,
  { postgres, redis, control, archive }: Secrets,
): Record<string, string> {
  const [east, west] = slotsOf(plan);
  const { folder, dist } = packagePlace();
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (!ELSEWHERE.test(entry[0]) || STATED.test(entry[0])),
  );
  const { url, from } = engine.address;
  return {
    ...Object.fromEntries(kept),
    // The same engine for both ways of speaking to it.
    ...(from.startsWith('the docker context')
      ? { DOCKER_CONTEXT: own['DOCKER_CONTEXT'] || '' }
      : { DOCKER_HOST: url }),
    DRILL_RUN: place.id,
    ...originOf(place.directory),
    DRILL_ORIGIN_MS: String(origin_ms),
    DRILL_EAST: east.region.name,
    DRILL_WEST: west.region.name,
    DRILL_EAST_CAPACITY: String(east.region.app.capacity_per_s),
    DRILL_WEST_CAPACITY: String(west.region.app.capacity_per_s),
    DRILL_PACKAGE: folder,
    DRILL_DIST: dist,
    DRILL_ADMIN_PASSWORD: postgres.admin.password,
    DRILL_REPLICATION_PASSWORD: postgres.replication.password,
    DRILL_WORKLOAD_PASSWORD: postgres.workload.password,
    DRILL_REDIS_PASSWORD: redis,
    DRILL_CONTROL_TOKEN: control,
    DRILL_GSLB_SETTINGS: '',
    DRILL_POSTGRES_OPTIONS: postgresOptions(plan),
    ...backupEnvironment(plan, archive),
    ...redisEnvironment(plan, redis),
    ...Object.fromEntries(PUBLISHED.map((name) => [`DRILL_PORT_${name}`, ''])),
  };
}

/** Where they come from, for labels: found again when nothing else of the run is left. */
function originOf(directory: string): Record<string, string> {
  const runner = JSON.stringify(thisRunner());
  return { DRILL_RUN_DIRECTORY: realpathSync(directory), DRILL_RUNNER: runner };
}

/** Each on an ephemeral port: several runs can be up, and people's own things beside them. */
const PUBLISHED = [
  'TOXIPROXY',
  'GSLB_DNS',
  'GSLB_CONTROL',
  ...['EAST', 'WEST'].flatMap((slot) => [
    `CLIENTS_${slot}_APP_1`,
    `CLIENTS_${slot}_APP_2`,
    `CLIENTS_${slot}_POSTGRES`,
    `OPERATOR_${slot}_POSTGRES`,
    `OPERATOR_${slot}_REDIS`,
  ]),
  'OPERATOR_WEST_STORAGE',
];

function postgresOptions(plan: Plan): string {
  const { replication } = plan;
  const connections = databaseConnections(plan);
  const names = replication.mode === 'sync' ? `"${replication.to}"` : '';
  // A small disk has no room for much log.
  const small = boundedDisks(plan).length === 0 ? [] : ['max_wal_size=128MB', 'wal_keep_size=64MB'];
  return [`max_connections=${connections}`, `synchronous_standby_names=${names}`, ...small]
    .map((setting) => `-c ${setting}`)
    .join(' ');
}

/** What the primary does for the repository, and nobody who is made from it. */
function backupEnvironment({ backup, replication }: Plan, token: string): Record<string, string> {
  if (backup === null) return {};
  const { wal, archive_timeout_ms } = backup;
  const seconds = Math.max(1, Math.ceil(archive_timeout_ms / 1_000));
  const options = {
    archive: ['archive_mode=on', `archive_timeout=${seconds}s`],
    receive: [],
    'receive-sync': [`synchronous_standby_names=${repositoryReceiver(replication.to)}`],
  };
  return {
    DRILL_STORAGE_SETTINGS: '',
    DRILL_PRIMARY_OPTIONS: options[wal].map((setting) => `-c ${setting}`).join(' '),
    DRILL_ARCHIVE_TO: wal === 'archive' ? `${TOXIPROXY}:${PORTS.replicationRepository}` : '',
    DRILL_ARCHIVE_TOKEN: token,
  };
}

/** What the app of a slot is told of its Redis. */
export function cartsOf(plan: Plan, { slot, region }: Slot, password: string) {
  return cartSettings(plan, region.name, { host: `${slot}-redis`, port: 6379, password });
}

function redisEnvironment(plan: Plan, password: string): Record<string, string> {
  const { redis } = plan;
  if (redis === null) return {};
  const { appendonly } = redis;
  const carts = (slot: Slot) => JSON.stringify(cartsOf(plan, slot, password));
  const [east, west] = slotsOf(plan);
  const options =
    appendonly === 'no' ? '--appendonly no' : `--appendonly yes --appendfsync ${appendonly}`;
  return {
    DRILL_EAST_CARTS: carts(east),
    DRILL_WEST_CARTS: carts(west),
    DRILL_REDIS_OPTIONS: options,
  };
}
