// Where the docker engine is, by the same rules as the docker command: DOCKER_HOST, then the
// context of DOCKER_CONTEXT or of `docker context use`, then the default socket, and last the
// rootless one.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../../host/sha256.ts';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Variables } from '../../runtime.ts';
import type { CertificateFolder } from './certificates.ts';

export interface EngineAddress {
  /** `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375` */
  readonly url: string;
  /** The source: `DOCKER_HOST`, `the docker context "a", by DOCKER_CONTEXT`, `the default`. */
  readonly from: string;
  /** Null for a connection without TLS. */
  readonly certificates: CertificateFolder | null;
}

const PORT_MAX = 65_535;
const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Only says where it should be; nobody is asked. */
export function locateEngine(environment: Variables): EngineAddress {
  const { DOCKER_HOST, DOCKER_CONTEXT } = environment;
  if (DOCKER_HOST) return addressOf(DOCKER_HOST, 'DOCKER_HOST', environment);
  const directory = directoryOf(environment);
  const context = DOCKER_CONTEXT || currentContext(directory);
  if (context !== null && context !== 'default') {
    const by = DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : join(directory, 'config.json');
    return checked(ofContext(directory, context, by));
  }
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
  return addressOf(url, 'the log of the run', environment);
}

/** With the certificates that the environment names, as the docker command has it. */
function addressOf(url: string, from: string, environment: Variables): EngineAddress {
  const { DOCKER_CERT_PATH, DOCKER_TLS_VERIFY } = environment;
  const isTls = Boolean(DOCKER_TLS_VERIFY) && url.startsWith('tcp:');
  const certificates = DOCKER_CERT_PATH
    ? { folder: DOCKER_CERT_PATH, from: 'DOCKER_CERT_PATH' }
    : { folder: directoryOf(environment), from: 'DOCKER_TLS_VERIFY' };
  return checked({ url, from, certificates: isTls ? certificates : null });
}

function directoryOf(environment: Variables): string {
  return environment['DOCKER_CONFIG'] || join(environment['HOME'] ?? homedir(), '.docker');
}

function currentContext(directory: string): string | null {
  const file = join(directory, 'config.json');
  if (!existsSync(file)) return null;
  const { currentContext: name } = readJson(file) as { currentContext?: unknown };
  return typeof name === 'string' && name !== '' ? name : null;
}

/** `by`: who named it, a variable or the file of `docker context use`. */
function ofContext(directory: string, name: string, by: string): EngineAddress {
  const id = sha256(name);
  const file = join(directory, 'contexts', 'meta', id, 'meta.json');
  if (!existsSync(file)) {
    throw unusable({
      found: `the docker context "${name}" (named by ${by}), which does not exist (no ${file})`,
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
  const from = `the docker context "${name}", by ${by}`;
  const certificates = existsSync(tls) ? { folder: tls, from } : null;
  return { url, from, certificates };
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
  const [, host = '', port = '1'] = /^\[?([^\]/]*?)\]?(?::(\d+))?$/.exec(rest) ?? [];
  const isNear = ['127.0.0.1', 'localhost', '::1'].includes(host) && Number(port) <= PORT_MAX;
  if ((scheme === 'tcp' || scheme === 'http') && isNear) return address;
  throw unusable({ found: `${url} (from ${from})`, hint: hintOf(from) });
}

function hintOf(from: string): string {
  if (from === 'DOCKER_HOST') return 'unset it, or DOCKER_HOST=unix:///var/run/docker.sock';
  return 'docker context use default, or DOCKER_HOST=unix:///var/run/docker.sock';
}

function unusable(seen: { readonly found: string; readonly hint: string }): EnvironmentError {
  const expected = 'an engine on this machine, by a unix socket or a loopback address';
  return new EnvironmentError({ what: 'the docker engine', expected, ...seen });
}
