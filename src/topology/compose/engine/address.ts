// Where the docker engine is, by the same rules as the docker command: DOCKER_HOST, then the
// context of DOCKER_CONTEXT or of `docker context use`, then the default socket, and last the
// rootless one.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Variables } from '../../runtime.ts';

export interface EngineAddress {
  /** `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375` */
  readonly url: string;
  /** The source of the address: `DOCKER_HOST`, `the docker context "rootless"`, `the default`. */
  readonly from: string;
  /** The folder with `ca.pem`, `cert.pem` and `key.pem`; null for a connection without TLS. */
  readonly certificates: string | null;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Only says where it should be; nobody is asked. */
export function locateEngine(environment: Variables): EngineAddress {
  const { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY } = environment;
  const directory =
    environment['DOCKER_CONFIG'] || join(environment['HOME'] ?? homedir(), '.docker');
  if (DOCKER_HOST) {
    const isTls = Boolean(DOCKER_TLS_VERIFY) && DOCKER_HOST.startsWith('tcp:');
    const certificates = isTls ? (DOCKER_CERT_PATH ?? directory) : null;
    return checked({ url: DOCKER_HOST, from: 'DOCKER_HOST', certificates });
  }
  const context = environment['DOCKER_CONTEXT'] || currentContext(directory);
  if (context !== null && context !== 'default') return checked(ofContext(directory, context));
  const rootless = join(environment['XDG_RUNTIME_DIR'] ?? '/nonexistent', 'docker.sock');
  const isRootless = !existsSync(DEFAULT_SOCKET) && existsSync(rootless);
  const [socket, from] = isRootless
    ? [rootless, 'the rootless socket']
    : [DEFAULT_SOCKET, 'the default'];
  return { url: `unix://${socket}`, from, certificates: null };
}

/** The address in an undo entry; certificates come from the environment, as they did. */
export function addressAt(url: string, environment: Variables): EngineAddress {
  const found = environment['DOCKER_HOST'] ? null : locateEngine(environment);
  if (found?.url === url) return found;
  return locateEngine({ ...environment, DOCKER_HOST: url });
}

function currentContext(directory: string): string | null {
  const file = join(directory, 'config.json');
  if (!existsSync(file)) return null;
  const { currentContext: name } = readJson(file) as { currentContext?: unknown };
  return typeof name === 'string' && name !== '' ? name : null;
}

function ofContext(directory: string, name: string): EngineAddress {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(directory, 'contexts', 'meta', id, 'meta.json');
  if (!existsSync(file)) {
    throw unusable({
      found: `the docker context "${name}", which does not exist (no ${file})`,
      hint: 'choose one of `docker context ls`, or: docker context use default',
    });
  }
  const meta = readJson(file) as { Endpoints?: { docker?: { Host?: unknown } } };
  const url = meta.Endpoints?.docker?.Host;
  if (typeof url !== 'string' || url === '') {
    throw unusable({
      found: `no docker address in ${file}`,
      hint: 'use another one: docker context use default',
    });
  }
  const tls = join(directory, 'contexts', 'tls', id, 'docker');
  const certificates = existsSync(join(tls, 'cert.pem')) ? tls : null;
  return { url, from: `the docker context "${name}"`, certificates };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw unusable({
      found: `a file that cannot be read, ${file}: ${(error as Error).message}`,
      hint: `mend or remove ${file}, or set DOCKER_HOST`,
    });
  }
}

/**
 * The engine must be on this machine: clients reach the regions through ports of its loopback, and
 * times are compared on one clock.
 */
function checked(address: EngineAddress): EngineAddress {
  const { url, from } = address;
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === 'unix' && rest.startsWith('/')) return address;
  const host = rest.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const isNear = ['127.0.0.1', 'localhost', '::1'].includes(host);
  if ((scheme === 'tcp' || scheme === 'http') && isNear) return address;
  throw unusable({
    found: `${url} (from ${from})`,
    hint: 'set DOCKER_HOST=unix:///var/run/docker.sock, or docker context use default',
  });
}

function unusable(seen: { readonly found: string; readonly hint: string }): EnvironmentError {
  const expected = 'an engine on this machine, by a unix socket or a loopback address';
  return new EnvironmentError({ what: 'the docker engine', expected, ...seen });
}
