// `toxiproxy-node-client` with what it lacks: a time limit on every call, and errors that carry
// what was asked, the status and the server's reason. `reset` is left out on purpose: it would
// enable every proxy, a fenced one too.
import { Toxiproxy } from 'toxiproxy-node-client';
import { HttpClient, type HttpResponse } from 'toxiproxy-node-client/dist/HttpClient.js';
import { LinkError, type Toxic } from './links.ts';

/** This is far beyond any answer of a living server on loopback, even on a busy machine. */
const ANSWER_AT_MOST_MS = 5_000;

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
  /** Listens on the port of `host`, on a free one without. */
  createProxy(name: string, host: string, upstream: string, port?: number): Promise<ProxyState>;
  proxies(): Promise<ReadonlyMap<string, ProxyState>>;
  setEnabled(name: string, isEnabled: boolean): Promise<ProxyState>;
  addToxic(proxy: string, toxic: Toxic): Promise<void>;
  updateToxic(proxy: string, toxic: Toxic): Promise<void>;
  removeToxic(proxy: string, toxic: string): Promise<void>;
}

export function connectClient(url: string, answerAtMost_ms = ANSWER_AT_MOST_MS): ProxyClient {
  const toxiproxy = new Toxiproxy(url);
  const api = new TimedHttpClient(url, answerAtMost_ms);
  toxiproxy.api = api;
  const pathOf = (proxy: string) => `${url}/proxies/${encodeURIComponent(proxy)}`;
  const toxicPath = (proxy: string, toxic: string) => {
    return `${pathOf(proxy)}/toxics/${encodeURIComponent(toxic)}`;
  };
  return {
    url,
    version: async () => readVersion(url, await toxiproxy.getVersion()),
    createProxy: async (name, host, upstream, port = 0) => {
      const listen = `${host}:${port}`;
      return stateOf(await toxiproxy.createProxy({ name, listen, upstream }));
    },
    // Not `getAll`, which drops the toxics.
    proxies: async () => {
      const { data } = await api.get<Record<string, ProxyJson>>(`${url}/proxies`);
      const all = Object.values(data);
      return new Map(all.map((proxy) => [proxy.name, stateOf(proxy)]));
    },
    // Not `Proxy.update`, which wants all addresses again and would move a proxy by mistake.
    setEnabled: async (name, enabled) => {
      return stateOf((await api.post<ProxyJson>(pathOf(name), { enabled })).data);
    },
    addToxic: async (proxy, toxic) => {
      await api.post(`${pathOf(proxy)}/toxics`, toxic);
    },
    updateToxic: async (proxy, { name, toxicity, attributes }) => {
      await api.post(toxicPath(proxy, name), { toxicity, attributes });
    },
    removeToxic: (proxy, toxic) => api.delete(toxicPath(proxy, toxic)),
  };
}

interface ProxyJson {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  /** They are absent where the library hands the proxy over. */
  readonly toxics?: readonly Toxic[];
}

function stateOf(json: ProxyJson): ProxyState {
  const { name, listen, upstream, enabled } = json;
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(listen.slice(colon + 1));
  return { name, host, port, upstream, isEnabled: enabled, toxics: json.toxics ?? [] };
}

/** The client hands over the raw JSON text. */
function readVersion(url: string, text: string): string {
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === 'string') return version;
  } catch {
    // told below, with what came instead
  }
  const found = JSON.stringify(text.slice(0, 80));
  const reason = `expected the version of a proxy server, found ${found}`;
  throw new LinkError(`GET ${url}/version`, reason, 200);
}

/** The library's own requests have no time limit and drop the server's reason. */
class TimedHttpClient extends HttpClient {
  readonly #url: string;
  readonly #answerAtMost_ms: number;

  constructor(url: string, answerAtMost_ms: number) {
    super();
    this.#url = url;
    this.#answerAtMost_ms = answerAtMost_ms;
  }

  override get<T>(url: string): Promise<HttpResponse<T>> {
    return this.#askJson('GET', url);
  }

  override post<T>(url: string, body?: unknown): Promise<HttpResponse<T>> {
    return this.#askJson('POST', url, body);
  }

  override async delete(url: string): Promise<void> {
    await this.#ask('DELETE', url);
  }

  override getText(url: string): Promise<string> {
    return this.#ask('GET', url);
  }

  async #askJson<T>(method: string, url: string, body?: unknown): Promise<HttpResponse<T>> {
    const text = await this.#ask(method, url, body);
    try {
      return { data: JSON.parse(text) as T };
    } catch {
      const found = JSON.stringify(text.slice(0, 80));
      const reason = `expected JSON from the proxy server, found ${found}`;
      throw new LinkError(`${method} ${new URL(url).pathname}`, reason, 200);
    }
  }

  async #ask(method: string, url: string, body?: unknown): Promise<string> {
    const asked = `${method} ${new URL(url).pathname}`;
    const init: RequestInit = { method, signal: AbortSignal.timeout(this.#answerAtMost_ms) };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, init);
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw new LinkError(asked, this.#whyNoAnswer(error as Error), null, error);
    }
    if (status >= 400) throw new LinkError(asked, reasonIn(text), status);
    return text;
  }

  #whyNoAnswer(error: Error): string {
    const server = `the proxy server at ${this.#url}`;
    if (error.name === 'TimeoutError') {
      return `${server} did not answer within ${this.#answerAtMost_ms} ms`;
    }
    const cause = error.cause as NodeJS.ErrnoException | undefined;
    return `${server} cannot be reached: ${cause?.code ?? cause?.message ?? error.message}`;
  }
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
