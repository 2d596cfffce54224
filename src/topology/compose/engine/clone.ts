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

const CREATE_AT_MOST_MS = 30_000;
const SETTINGS = 'DRILL_SETTINGS=';

/** The names of a copy of a container, which say its region and slot. */
type Named = Pick<Container, 'service' | 'node'>;
type Told = Readonly<Record<string, string>>;

/**
 * Starts `east-app-3` as `east-app-2` is, under its own name; or `west-app-1` as that is.
 * `settings`: what the program in it is told, where that differs by more than its name.
 */
export async function startSibling(
  engine: Engine,
  sibling: Container,
  copy: Named,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Container> {
  const { node } = copy;
  const retold = (line: string) => {
    if (!line.startsWith(SETTINGS)) return line;
    const own = JSON.parse(line.slice(SETTINGS.length)) as object;
    return SETTINGS + JSON.stringify({ ...own, node, ...settings });
  };
  const Env = sibling.facts.Config.Env.map(retold);
  return await start(engine, node, { ...placed(sibling, copy), Env });
}

/** A database that is made in the other region. */
interface ServerCopy extends Named {
  /** Of the entrypoint: how its empty volume begins. */
  readonly mode: string;
  readonly told: Told;
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
  const { node, mode, told, volume, mounted } = copy;
  const options = placed(model, copy);
  const { Binds, Mounts } = options.HostConfig;
  const own = model.dataVolume;
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
  return await start(engine, gone.node, placed(gone, gone));
}

/** A copy on the network of its model, the only one; or on the same of the region it moves to. */
function placed(model: Container, { service, node }: Named) {
  const { Config, HostConfig, NetworkSettings, Name } = model.facts;
  const [own = ''] = Object.keys(NetworkSettings.Networks);
  const network = own.replace(new RegExp(`_${slotIn(model.service)}$`), `_${slotIn(service)}`);
  const names = {
    [SERVICE_LABEL]: service,
    [NODE_LABEL]: node,
    [REGION_LABEL]: node.split('/')[0]!,
  };
  return {
    ...kept(Config),
    name: Name.replace(/^\//, '').replace(model.service, service),
    Labels: { ...Config.Labels, ...names },
    HostConfig: { ...HostConfig, NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
  };
}

/** `east-app-2` → `east`, as the compose file calls it, whatever the region's name is. */
function slotIn(service: string): string {
  return service.split('-')[0]!;
}

/** The model's entrypoint in another mode, told what that needs to know. */
function inMode({ facts }: Container, mode: string, told: Told) {
  const entrypoint = [facts.Config.Entrypoint ?? []].flat();
  const own = facts.Config.Env.filter((line) => !Object.hasOwn(told, line.split('=')[0]!));
  return {
    Entrypoint: [...entrypoint.slice(0, -1), mode],
    Env: [...own, ...Object.entries(told).map(([name, value]) => `${name}=${value}`)],
  };
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
  const port = `${inside}/tcp`;
  const PortBindings = { [port]: [{ HostIp: LOOPBACK, HostPort: '' }] };
  return await start(engine, `the disk of ${dead.node}`, {
    ...helperOf(dead, 'inspect', {}),
    ExposedPorts: { [port]: {} },
    HostConfig: { ...dead.facts.HostConfig, NetworkMode: network, PortBindings },
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
function helperOf(dead: Container, mode: string, told: Told) {
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
    const starting = (docker: Docker) => docker.getContainer(id).start() as Promise<unknown>;
    await engine.call(`start ${what}`, starting, CREATE_AT_MOST_MS);
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
