// The docker engine through dockerode, with what that lacks: a time limit on every call, and errors
// that say what was tried and what to type.
import { OperationFailed } from '../../../host/operation-failed.ts';
import Docker from 'dockerode';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { within } from '../../../host/clock.ts';
import type { Variables } from '../../runtime.ts';
import { isOfCertificates, readCertificates } from './certificates.ts';
import { addressAt, locateEngine, type EngineAddress } from './address.ts';

const NOT_FOUND = 404;
/** Far beyond any answer of a living engine; a kill waits for its container inside the engine. */
const ANSWER_AT_MOST_MS = 20_000;
/**
 * Longer than any call waits: by then nobody waits for the answer, and the request must not keep
 * this process from ending.
 */
const FORGOTTEN_AFTER_MS = 60_000;

export interface Engine {
  readonly address: EngineAddress;
  /** One call; rejects with an `EngineError`. `asked` is for people: `inspect east/postgres`. */
  call<T>(asked: string, work: (docker: Docker) => Promise<T>, atMost_ms?: number): Promise<T>;
  /** The client for streams, which have no end: events and logs. */
  readonly streaming: Docker;
  /** Told of each call that found nobody there, before it rejects; set by whoever watches it. */
  whenGone: (error: EngineError) => void;
}

export class EngineError extends OperationFailed {
  override readonly name = 'EngineError';
  /** HTTP status of the engine's answer; null when there was none. */
  readonly status: number | null;
  /** The system's code where there was no answer: `ENOENT`, `EACCES`, `ECONNREFUSED`. */
  readonly code: string;

  constructor(
    {
      asked,
      status,
      code,
      found,
    }: Pick<EngineError, 'status' | 'code' | 'found'> & {
      readonly asked: string;
    },
    options?: ErrorOptions,
  ) {
    const words = `docker: ${asked}: ${found}`;
    super({ what: asked, expected: 'the docker engine to do it', found }, { ...options, words });
    this.status = status;
    this.code = code;
  }
}

/**
 * Opens nothing: an engine that is not there shows at the first call. `url`: the address that an
 * earlier runner used; left out, that of the environment.
 */
export function openEngine(environment: Variables, url?: string): Engine {
  const address = url === undefined ? locateEngine(environment) : addressAt(url, environment);
  const docker = new Docker({ ...optionsOf(address), timeout: FORGOTTEN_AFTER_MS });
  const engine: Engine = {
    address,
    streaming: new Docker(optionsOf(address)),
    whenGone: () => {},
    call: async (asked, work, atMost_ms = ANSWER_AT_MOST_MS) => {
      const silent = Symbol('silent');
      try {
        const outcome = await within(work(docker), atMost_ms, silent);
        if (outcome !== silent) return outcome;
      } catch (error) {
        const failure = engineError(asked, error);
        if (failure.status === null) engine.whenGone(failure);
        throw failure;
      }
      const found = `no answer within ${atMost_ms} ms`;
      // Not gone: what it is busy with can take longer than a look may.
      throw new EngineError({ asked, status: null, code: 'ETIMEDOUT', found });
    },
  };
  return engine;
}

function optionsOf({ url, certificates }: EngineAddress): object {
  // `host: undefined` on purpose: docker-modem would take DOCKER_HOST otherwise.
  if (url.startsWith('unix://'))
    return { host: undefined, socketPath: url.slice('unix://'.length) };
  const { hostname, port } = new URL(url.replace(/^tcp:/, 'http:'));
  const at = { host: hostname, port: port || (certificates === null ? '2375' : '2376') };
  if (certificates === null) return { ...at, protocol: 'http' };
  return { ...at, ...readCertificates(certificates), protocol: 'https' };
}

function engineError(asked: string, thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const error = thrown as Error & {
    statusCode?: number;
    code?: unknown;
    json?: { message?: unknown };
  };
  const said = error.json?.message;
  const found = typeof said === 'string' ? said : plainReason(error.message);
  const status = error.statusCode ?? null;
  const code = typeof error.code === 'string' ? error.code : '';
  return new EngineError({ asked, status, code, found }, { cause: thrown });
}

/** What `work` comes to; null where the engine has no such thing. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EngineError && error.status === NOT_FOUND) return null;
    throw error;
  }
}

/** Node's word for a connection that the other end has dropped. */
function plainReason(message: string): string {
  return message === 'aborted' || message === 'socket hang up' ? 'it hung up' : message.trim();
}

/** True where the engine itself did not answer, and not where it refused. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof EngineError && error.status === null;
}

/** The error that says what a user can do about an engine that does not answer. */
export function unreachable({ address }: Engine, error: unknown): EnvironmentError {
  const { url, from, certificates } = address;
  const told = error instanceof EngineError ? error : null;
  const found = told?.found ?? plainReason((error as Error).message);
  const keys =
    certificates === null
      ? ''
      : `, with the certificates in ${certificates.folder} (from ${certificates.from})`;
  return new EnvironmentError(
    {
      what: 'the docker engine',
      expected: `it to answer at ${url} (from ${from})${keys}`,
      found,
      hint: hintFor(address, found, told?.code ?? ''),
    },
    { cause: error },
  );
}

function hintFor({ from, certificates }: EngineAddress, found: string, code: string): string {
  if (/HTTP request to an HTTPS server/i.test(found)) {
    return 'it wants TLS: DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, the folder of the certificates';
  }
  if (/wrong version number|packet length too long/i.test(found)) {
    return 'it speaks no TLS there: unset DOCKER_TLS_VERIFY, or name its port for TLS';
  }
  if (isOfCertificates(code) || (certificates !== null && code === 'ECONNRESET')) {
    return 'see that ca.pem has signed what the engine shows, and that it takes cert.pem';
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return (
      'this user may not use the socket: sudo usermod -aG docker $USER and log in again, ' +
      'or use rootless docker (docker context use rootless)'
    );
  }
  if (code === 'ETIMEDOUT')
    return 'see whether `docker info` answers; restart the engine if that hangs too';
  const start = 'start it (sudo systemctl start docker, or Docker Desktop)';
  const source =
    from === 'DOCKER_HOST'
      ? 'or correct or unset DOCKER_HOST '
      : from.startsWith('the docker context')
        ? 'or choose another context (docker context ls) '
        : '';
  const other = 'or drill without docker: --runtime embedded';
  return `${start} ${source}and see that \`docker info\` works; ${other}`;
}
