// Makes a container like another one: a further app instance like its sibling, a database like
// that of the other region, a reader of a dead server's disk. It carries the run's label, so that
// it goes with everything else.
import { reasonOf } from '../../../host/operation-failed.ts';
import type Docker from 'dockerode';
import { randomBytes } from 'node:crypto';
import { LOOPBACK } from '../../../host/ports.ts';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Engine } from './engine.ts';
import { inspectContainer, type Container } from './container.ts';
import { HELPER_LABEL, NODE_LABEL, REGION_LABEL, SERVICE_LABEL } from './labels.ts';
import { dataVolume } from './volumes.ts';

const CREATE_AT_MOST_MS = 30_000;

/** The other slot of the compose file, where a copy stands there and not beside its model. */
interface Moved {
  readonly from: string;
  readonly to: string;
  readonly region: string;
}

/** The name of a copy of a container, and its place. */
export interface CopyOf {
  readonly service: string;
  readonly node: string;
  readonly moved?: Moved;
  /** What the program in it is told, where that differs by more than its name. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Starts `east-app-3` as `east-app-2` is, under its own name; or `west-app-1` as that is. */
export async function startSibling(
  engine: Engine,
  sibling: Container,
  { service, node, moved, settings = {} }: CopyOf,
): Promise<Container> {
  const told = { node, ...settings };
  const { Env } = sibling.facts.Config;
  return await start(engine, node, {
    ...placed(sibling, service, node, moved),
    Env: Env.map((line) => retold(line, sibling.node, told)),
  });
}

/** A database that is made in the other region. */
export interface ServerCopy {
  readonly service: string;
  readonly node: string;
  readonly moved: Moved;
  /** Of the entrypoint: how its empty volume begins. */
  readonly mode: string;
  readonly told: Readonly<Record<string, string>>;
  /** The volume that takes the place of the model's. */
  readonly volume: string;
  /** Besides, read-only: volume → where. */
  readonly mounted: Readonly<Record<string, string>>;
}

/** Starts a database's container as the one in the other region is. */
export async function startServerLike(
  engine: Engine,
  model: Container,
  copy: ServerCopy,
): Promise<Container> {
  const { service, node, moved, mode, told, volume, mounted } = copy;
  const options = placed(model, service, node, moved);
  const { Binds, Mounts } = options.HostConfig;
  const own = dataVolume(model.facts);
  const here = (bind: string) =>
    bind.startsWith(`${own}:`) ? volume + bind.slice(own.length) : bind;
  const further = Object.entries(mounted).map(([name, where]) => `${name}:${where}:ro`);
  const mounts = Mounts?.map((mount) => {
    return mount.Source === own ? { ...mount, Source: volume } : mount;
  });
  return await start(engine, node, {
    ...options,
    ...inMode(model, mode, told),
    HostConfig: {
      ...options.HostConfig,
      Binds: [...(Binds ?? []).map(here), ...further],
      ...(mounts === undefined ? {} : { Mounts: mounts }),
    },
  });
}

/** Starts a container in place of one that is gone, as that was. */
export async function startAgain(engine: Engine, gone: Container): Promise<Container> {
  return await start(engine, gone.node, placed(gone, gone.service, gone.node));
}

/** A copy on the network of its model, the only one; or on the same of the region it moves to. */
function placed(model: Container, service: string, node: string, moved?: Moved) {
  const { Config, HostConfig, NetworkSettings, Name } = model.facts;
  const [own = ''] = Object.keys(NetworkSettings.Networks);
  const network = moved ? own.replace(new RegExp(`_${moved.from}$`), `_${moved.to}`) : own;
  const region = moved ? { [REGION_LABEL]: moved.region } : {};
  return {
    ...kept(Config),
    name: Name.replace(/^\//, '').replace(model.service, service),
    Labels: { ...Config.Labels, [SERVICE_LABEL]: service, [NODE_LABEL]: node, ...region },
    HostConfig: { ...HostConfig, NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
  };
}

/** The model's entrypoint in another mode, told what that needs to know. */
function inMode({ facts }: Container, mode: string, told: Readonly<Record<string, string>> = {}) {
  const entrypoint = [facts.Config.Entrypoint ?? []].flat();
  const own = facts.Config.Env.filter((line) => !Object.hasOwn(told, line.split('=')[0]!));
  return {
    Entrypoint: [...entrypoint.slice(0, -1), mode],
    Env: [...own, ...Object.entries(told).map(([name, value]) => `${name}=${value}`)],
  };
}

/** The settings of a program are JSON that names its node. */
function retold(line: string, from: string, told: Readonly<Record<string, unknown>>): string {
  const prefix = 'DRILL_SETTINGS=';
  if (!line.startsWith(prefix)) return line;
  const settings = JSON.parse(line.slice(prefix.length)) as { node?: unknown };
  const own = settings.node === from ? { ...settings, ...told } : settings;
  return `${prefix}${JSON.stringify(own)}`;
}

/**
 * Starts the entrypoint of a dead server's container in the mode `inspect`, on the same volume,
 * with `inside` published on loopback and nothing else of the system near it.
 */
export async function startInspector(
  engine: Engine,
  dead: Container,
  { network, inside }: { readonly network: string; readonly inside: number },
): Promise<Container> {
  const helper = helperOf(dead, 'inspect');
  const binding = { HostIp: LOOPBACK, HostPort: '' };
  return await start(engine, `the disk of ${dead.node}`, {
    ...helper,
    ExposedPorts: { [`${inside}/tcp`]: {} },
    HostConfig: {
      ...helper.HostConfig,
      NetworkMode: network,
      PortBindings: { [`${inside}/tcp`]: [binding] },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: {} } },
  });
}

/**
 * Starts the entrypoint of a dead server's container in the mode `rebuild`, on the same volume and
 * network, with `primary` as its primary.
 */
export async function startRebuilder(
  engine: Engine,
  dead: Container,
  { host, port, standbyName }: { host: string; port: number; standbyName: string },
): Promise<Container> {
  const told = {
    DRILL_PRIMARY_HOST: host,
    DRILL_PRIMARY_PORT: String(port),
    DRILL_STANDBY_NAME: standbyName,
  };
  return await start(engine, `the rebuild of ${dead.node}`, helperOf(dead, 'rebuild', told));
}

/** A container on the disk of a dead one, which is no node of the system. */
function helperOf(dead: Container, mode: string, told?: Readonly<Record<string, string>>) {
  const { Config, HostConfig, Name } = dead.facts;
  return {
    ...kept(Config),
    ...inMode(dead, mode, told),
    name: `${Name.replace(/^\//, '')}-${mode}-${randomBytes(3).toString('hex')}`,
    Labels: { ...Config.Labels, [SERVICE_LABEL]: mode, [HELPER_LABEL]: dead.node },
    HostConfig,
  };
}

/** What belongs to the container and not to one instance of it, such as its host name. */
function kept(config: Container['facts']['Config']) {
  const { Image, User, Cmd, Entrypoint, Env, WorkingDir } = config;
  // The type does not know it: by which signal the server ends in an orderly way.
  const { StopSignal } = config as { readonly StopSignal?: string };
  return {
    Image,
    User,
    Cmd: Cmd ?? [],
    Env,
    WorkingDir,
    Entrypoint: [Entrypoint ?? []].flat(),
    ...(StopSignal === undefined ? {} : { StopSignal }),
  };
}

async function start(
  engine: Engine,
  what: string,
  options: Docker.ContainerCreateOptions,
): Promise<Container> {
  try {
    const { id } = await engine.call(
      `create ${what}`,
      (docker) => docker.createContainer(options),
      CREATE_AT_MOST_MS,
    );
    await engine.call(
      `start ${what}`,
      (docker) => docker.getContainer(id).start() as Promise<unknown>,
      CREATE_AT_MOST_MS,
    );
    return await inspectContainer(engine, id);
  } catch (error) {
    throw new EnvironmentError(
      {
        what,
        expected: 'its container to start',
        found: reasonOf(error),
        hint: 'look at what `docker info` and `docker system df` say',
      },
      { cause: error },
    );
  }
}
