// The HTTP API of a proxy server, Toxiproxy or the built-in one: a time limit on every call,
// and errors that carry what was asked, the status and the server's reason. There is no `reset` on
// purpose: it would enable every proxy, a fenced one too.
import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { hostAndPort } from '../base/host-port.ts';
import { LinkError, type Toxic } from './links.ts';

/** This is far beyond any answer of a living server on loopback, even on a busy machine. */
const ANSWER_AT_MOST_MS = 5_000;
const NOT_FOUND = 404;

export interface ProxyState {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly upstream: string;
  readonly isEnabled: boolean;
  readonly toxics: readonly Toxic[];
}

/** Every call rejects with a `LinkError`. */
export interface ProxyClient {
  readonly url: string;
  /** `2.12.0`; toxiproxy-server built from source says `git`. */
  version(): Promise<string>;
  /** Resolves when it answers, however late: nothing but the signal ends the wait. */
  answers(signal: AbortSignal): Promise<void>;
  /** Listens on the port of `host`, on a free one without. */
  createProxy(name: string, host: string, upstream: string, port?: number): Promise<ProxyState>;
  proxies(): Promise<ReadonlyMap<string, ProxyState>>;
  setEnabled(name: string, isEnabled: boolean): Promise<ProxyState>;
  addToxic(proxy: string, toxic: Toxic): Promise<void>;
  updateToxic(proxy: string, toxic: Toxic): Promise<void>;
  /** Nothing happens where it is not there. */
  removeToxic(proxy: string, toxic: string): Promise<void>;
}

export function connectClient(url: string, answerAtMost_ms = ANSWER_AT_MOST_MS): ProxyClient {
  const ask = (method: string, path: string, body?: unknown) =>
    askServer({ url, method, path, body }, answerAtMost_ms);
  const askJson = async (method: string, path: string, body?: unknown) =>
    parse(`${method} ${path}`, await ask(method, path, body));
  const pathOf = (proxy: string) => `/proxies/${encodeURIComponent(proxy)}`;
  const toxicPath = (proxy: string, toxic: string) => {
    return `${pathOf(proxy)}/toxics/${encodeURIComponent(toxic)}`;
  };
  return {
    url,
    version: async () => readVersion(await ask('GET', '/version')),
    answers: async (signal) => {
      await exchange({ url, method: 'GET', path: '/version', body: undefined }, signal);
    },
    createProxy: async (name, host, upstream, port = 0) => {
      const listen = `${host}:${port}`;
      return stateOf((await askJson('POST', '/proxies', { name, listen, upstream })) as ProxyJson);
    },
    proxies: async () => {
      const all = Object.values((await askJson('GET', '/proxies')) as Record<string, ProxyJson>);
      return new Map(all.map((proxy) => [proxy.name, stateOf(proxy)]));
    },
    // Nothing else is told: an address that is told again would move the proxy by mistake.
    setEnabled: async (name, enabled) => {
      return stateOf((await askJson('POST', pathOf(name), { enabled })) as ProxyJson);
    },
    addToxic: async (proxy, toxic) => {
      await ask('POST', `${pathOf(proxy)}/toxics`, toxic);
    },
    updateToxic: async (proxy, { name, toxicity, attributes }) => {
      await ask('POST', toxicPath(proxy, name), { toxicity, attributes });
    },
    removeToxic: async (proxy, toxic) => {
      await ask('DELETE', toxicPath(proxy, toxic)).catch((error: unknown) => {
        if (!(error instanceof LinkError && error.status === NOT_FOUND)) throw error;
      });
    },
  };
}

interface ProxyJson {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics?: readonly Toxic[];
}

function stateOf(json: ProxyJson): ProxyState {
  const { name, listen, upstream, enabled } = json;
  const { host, port } = hostAndPort(listen);
  return { name, host, port, upstream, isEnabled: enabled, toxics: json.toxics ?? [] };
}

function readVersion(text: string): string {
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === 'string') return version;
  } catch {
    // told below, with what came instead
  }
  throw unexpected('GET /version', 'the version of a proxy server', text);
}

function parse(asked: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(asked, 'JSON from the proxy server', text);
  }
}

function unexpected(asked: string, expected: string, text: string): LinkError {
  const found = JSON.stringify(text.slice(0, 80));
  return new LinkError(asked, `expected ${expected}, found ${found}`, 200);
}

/** What of a server's address may be shown: the path of the built-in one's is its token. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

interface Question {
  /** The server's. */
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The text of the answer. Not with `fetch`: loading it takes longer than the server's start. */
async function askServer(question: Question, atMost_ms: number): Promise<string> {
  const { url, method, path } = question;
  const asked = `${method} ${path}`;
  const signal = AbortSignal.timeout(atMost_ms);
  const answer = await exchange(question, signal).catch((error: NodeJS.ErrnoException) => {
    const why = signal.aborted
      ? `did not answer within ${atMost_ms} ms`
      : `cannot be reached: ${error.code ?? error.message}`;
    throw new LinkError(asked, `the proxy server at ${originOf(url)} ${why}`, null, error);
  });
  if (answer.status >= 400) throw new LinkError(asked, reasonIn(answer.text), answer.status);
  return answer.text;
}

function exchange({ url, method, path, body }: Question, signal: AbortSignal) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const asked = request(`${url}${path}`, { method, headers, agent: false, signal });
    asked.on('error', reject);
    asked.on('response', (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode!, text }), reject);
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Toxiproxy's errors are `{"error": …, "status": …}`, sent as text. */
function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // not JSON: the text itself is the reason
  }
  return text.trim() || 'no reason was given';
}
