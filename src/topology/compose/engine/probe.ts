// Whether the compose runtime could work here, without starting anything: the engine, the compose
// plugin, the images. For the doctor.
import { readFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { engineAt, openEngine, unreachable, EngineError } from './engine.ts';
import type { Variables } from '../../runtime.ts';
import { locateEngine } from './address.ts';

const PING_MS = 5_000;
const REGISTRY_MS = 10_000;
const PLUGIN_MS = 20_000;
const COMPOSE_FILE = new URL('../../../../compose/compose.yaml', import.meta.url);

export interface EngineFacts {
  readonly url: string;
  /** The source of the address: `DOCKER_HOST`, `the docker context "rootless"`, `the default`. */
  readonly from: string;
  readonly version: string;
  readonly api: string;
}

/** Rejects with an `EnvironmentError` where no engine answers. */
export async function askEngine(environment: Variables): Promise<EngineFacts> {
  const address = locateEngine(environment);
  const engine = engineAt(address);
  const asked = engine.call('version', (docker) => docker.version(), PING_MS);
  const facts = await asked.catch((error: unknown) => {
    throw unreachable(engine, error);
  });
  return { ...address, version: facts.Version, api: facts.ApiVersion };
}

/** Where the engine keeps images and volumes; on this machine for an engine behind a socket. */
export async function engineRoot(environment: Variables): Promise<string | null> {
  const { url } = locateEngine(environment);
  if (!url.startsWith('unix://')) return null;
  const engine = openEngine(environment);
  const info = await engine.call('info', (docker) => docker.info() as Promise<unknown>, PING_MS);
  const root = (info as { DockerRootDir?: unknown }).DockerRootDir;
  return typeof root === 'string' ? root : null;
}

/** The version of the compose plugin; rejects with what the docker command said. */
export async function composeVersion(environment: Variables): Promise<string> {
  const run = promisify(execFile);
  const env = { ...environment };
  const args = ['compose', 'version', '--short'];
  const { stdout } = await run('docker', args, { env, timeout: PLUGIN_MS });
  return stdout.trim().replace(/^v/, '');
}

export type ImagePart = 'postgres' | 'redis' | 'toxiproxy' | 'node';

/** The images of the compose file by part: what a variable names, else the file's own. */
export function imagesOf(environment: Variables): ReadonlyMap<ImagePart, string> {
  const text = readFileSync(COMPOSE_FILE, 'utf8');
  const found = text.matchAll(/\$\{DRILL_IMAGE_([A-Z]+):-([^}]+)\}/g);
  return new Map(
    [...found].map(([, part = '', own = '']) => {
      const stated = environment[`DRILL_IMAGE_${part}`];
      return [part.toLowerCase() as ImagePart, stated || own];
    }),
  );
}

export interface ImageSeen {
  readonly image: string;
  /**
   * `elsewhere`: not here, and nobody was asked for it; `absent`: its registry does not have it
   * either, and `detail` is what it said, or the way to it.
   */
  readonly state: 'here' | 'elsewhere' | 'pullable' | 'absent';
  readonly detail: string;
}

/** Loosely: what the engine's API can be asked about. */
const IMAGE_NAME = /^\w[\w./:@-]*$/;

/** Looks for the image here, and where it is not, asks its registry if it may. */
export async function lookForImage(
  environment: Variables,
  image: string,
  mayAskRegistry: boolean,
): Promise<ImageSeen> {
  if (!IMAGE_NAME.test(image)) return { image, state: 'absent', detail: 'no name of an image' };
  const engine = openEngine(environment);
  try {
    await engine.call(`inspect ${image}`, (docker) => docker.getImage(image).inspect(), PING_MS);
    return { image, state: 'here', detail: '' };
  } catch (error) {
    if (!(error instanceof EngineError) || error.status === null) throw unreachable(engine, error);
  }
  if (!mayAskRegistry) return { image, state: 'elsewhere', detail: '' };
  const ask = `ask the registry of ${image}`;
  return await engine
    .call(ask, (docker) => docker.getImage(image).distribution(), REGISTRY_MS)
    .then(
      (): ImageSeen => ({ image, state: 'pullable', detail: '' }),
      (error: Error): ImageSeen => {
        const detail = error instanceof EngineError ? error.reason : error.message;
        return { image, state: 'absent', detail };
      },
    );
}
