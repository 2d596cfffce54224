// What the compose runtime needs: the docker engine, the compose plugin, the images.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { EnvironmentError } from '../../host/environment-error.ts';
import { findProgram, freeBytes } from '../../host/files.ts';
import { unlessFailed } from '../../host/operation-failed.ts';
import { openEngine, unreachable } from './engine/engine.ts';
import { imagesOf, isImageId, lookForImage, type ImageSeen } from './engine/images.ts';
import {
  ok,
  problem,
  warning,
  type DoctorCheck,
  type DoctorContext,
  type Finding,
} from '../machine-check.ts';

const ANSWER_MS = 5_000;
const PLUGIN_MS = 20_000;
/** `--progress` and `up --wait`, as README.md says. */
const OLDEST_PLUGIN: readonly [number, number] = [2, 20];
/** Docker 20.10. */
const OLDEST_API: readonly [number, number] = [1, 41];

const dockerEngine: DoctorCheck = {
  name: 'docker engine',
  isQuick: true,
  async look({ environment }: DoctorContext) {
    const engine = openEngine(environment);
    const { url, from } = engine.address;
    const asked = engine.call('version', (docker) => docker.version(), ANSWER_MS);
    const { Version: version, ApiVersion: api } = await asked.catch((error: unknown) => {
      throw unreachable(engine, error);
    });
    const found = `${version}, API ${api}, at ${url} (from ${from})`;
    const oldest = OLDEST_API.join('.');
    if (isOlder(api, OLDEST_API))
      return problem(found, `install docker with API ${oldest} or newer`);
    return ok(found);
  },
};

const composePlugin: DoctorCheck = {
  name: 'docker compose',
  isQuick: false, // `docker compose up` says the same
  async look({ environment }: DoctorContext) {
    const command = findProgram('docker', environment['PATH']);
    if (command === null) {
      return problem('no docker command on PATH', 'install the docker command (docker-ce-cli)');
    }
    const options = { env: { ...environment }, timeout: PLUGIN_MS };
    const asked = promisify(execFile)('docker', ['compose', 'version', '--short'], options);
    const said = await asked.catch(() => null);
    if (said === null) {
      const install = 'install the plugin: sudo apt-get install docker-compose-plugin';
      return problem(`${command} has no compose plugin (docker compose version failed)`, install);
    }
    const version = said.stdout.trim().replace(/^v/, '');
    const found = `${version}, with ${command}`;
    if (!isOlder(version, OLDEST_PLUGIN)) return ok(found);
    return problem(found, `install version ${OLDEST_PLUGIN.join('.')} of the plugin or newer`);
  },
};

const NO_ENGINE = 'not looked at, since the docker engine does not answer';

const dockerImages: DoctorCheck = {
  name: 'images',
  isQuick: true,
  async look({ environment, needs }: DoctorContext, isNeeded: boolean) {
    const wanted = [...imagesOf(environment)].filter(([part]) => part !== 'redis' || needs.redis);
    // A registry is not bothered for a drill that has no use for images.
    const looks = wanted.map(([, image]) => lookForImage(environment, image, isNeeded));
    const seen = await Promise.all(looks).catch((error: unknown) => {
      if (error instanceof EnvironmentError) return null;
      throw error;
    });
    // Without an engine: the check of that one says what to do, once.
    if (seen === null) return { state: 'warning', found: NO_ENGINE, fix: null };
    return imagesFinding(seen, wanted);
  },
};

/** Two regions' volumes and what the containers write. */
const DISK_BYTES = 1024 * 1024 * 1024;

const dockerDisk: DoctorCheck = {
  name: 'docker disk',
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const known = await unlessFailed(engineRoot(environment).then((root) => ({ root })));
    // The check of the engine says what to do, once.
    if (known === null) return { state: 'warning', found: NO_ENGINE, fix: null };
    const { root } = known;
    if (root === null || !existsSync(root)) return ok('not to be looked at from here');
    const free = freeBytes(root);
    const found = `${Math.floor(free / 2 ** 20)} MB free in ${root}`;
    if (free >= DISK_BYTES) return ok(found);
    return problem(`${found}, ${DISK_BYTES >> 20} MB needed`, 'docker system prune, or free some');
  },
};

/** Where the engine keeps images and volumes; on this machine for an engine behind a socket. */
async function engineRoot(environment: DoctorContext['environment']): Promise<string | null> {
  const engine = openEngine(environment);
  if (!engine.address.url.startsWith('unix://')) return null;
  const info = await engine.call('info', (docker) => docker.info() as Promise<unknown>, ANSWER_MS);
  const root = (info as { DockerRootDir?: unknown }).DockerRootDir;
  return typeof root === 'string' ? root : null;
}

function imagesFinding(
  seen: readonly ImageSeen[],
  wanted: readonly (readonly [string, string])[],
): Finding {
  const absent = seen.filter(({ state }) => state === 'absent');
  if (absent.length > 0) {
    const variables = wanted
      .filter(([, image]) => absent.some((one) => one.image === image))
      .map(([part]) => `DRILL_IMAGE_${part.toUpperCase()}`);
    const found = absent.map(({ image, detail }) => `no ${image} here (registry: ${detail})`);
    const pulls = absent.filter(({ image }) => !isImageId(image));
    const pull = pulls.map(({ image }) => `docker pull ${image}`).join(' && ');
    const others = `compose/images/build-local.sh, or set ${variables.join(', ')}`;
    const fix =
      pulls.length === 0
        ? `name one that is here (docker image ls --no-trunc) in ${variables.join(', ')}`
        : `pull it where its registry can be reached (${pull}), or make it with ${others}`;
    return problem(found.join('; '), fix);
  }
  const pulled = seen.filter(({ state }) => state !== 'here').map(({ image }) => image);
  if (pulled.length === 0) return ok(seen.map(({ image }) => image).join(', '));
  const found = `${pulled.join(', ')} not here yet; the first run pulls`;
  return warning(found, pulled.map((image) => `docker pull ${image}`).join(' && '));
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return a < major || (a === major && b < minor);
}

export const COMPOSE_CHECKS: readonly DoctorCheck[] = [
  dockerEngine,
  composePlugin,
  dockerImages,
  dockerDisk,
];
