// A link made of proxies on a proxy server. What holds for the link (its toxics, being cut) holds
// for every proxy of it, those that are added later too.
import { LinkError } from './link-error.ts';
import type { ProxyClient } from './client.ts';
import type { Link, LinkProxy, Toxic } from './links.ts';

const LOOPBACK = '127.0.0.1';
const STREAMS = ['upstream', 'downstream'] as const;

export class ProxiedLink implements Link {
  readonly name: string;
  readonly #client: ProxyClient;
  readonly #proxies: LinkProxy[] = [];
  readonly #toxics = new Map<string, Toxic>();
  #wantsCut = false;

  constructor(name: string, client: ProxyClient) {
    refuseSlash('link', name);
    this.name = name;
    this.#client = client;
  }

  get proxies(): readonly LinkProxy[] {
    return this.#proxies;
  }

  async addProxy(name: string, upstream: { host: string; port: number }): Promise<LinkProxy> {
    refuseSlash('proxy', name);
    const target = `${upstream.host}:${upstream.port}`;
    const { host, port } = await this.#client.createProxy(name, LOOPBACK, target);
    const proxy: LinkProxy = { name, host, port, upstream: { ...upstream } };
    this.#proxies.push(proxy);
    // Nobody knows the new port yet, so nothing passes before these are done.
    if (this.#wantsCut) await this.#client.setEnabled(name, false);
    for (const toxic of this.#toxics.values()) await this.#client.addToxic(name, toxic);
    return proxy;
  }

  async delay(latency_ms: number, jitter_ms: number): Promise<void> {
    const attributes = { latency: Math.round(latency_ms), jitter: Math.round(jitter_ms) };
    for (const stream of STREAMS) {
      const name = `delay-${stream}`;
      const toxic: Toxic = { name, type: 'latency', stream, toxicity: 1, attributes };
      if (this.#toxics.has(name)) await this.#changeToxic(toxic);
      else await this.addToxic(toxic);
    }
  }

  async addToxic(toxic: Toxic): Promise<void> {
    refuseSlash('toxic', toxic.name);
    await this.#onEach(`add toxic ${toxic.name} to`, ({ name }) => {
      return this.#client.addToxic(name, toxic);
    });
    this.#toxics.set(toxic.name, toxic);
  }

  async removeToxic(toxic: string): Promise<void> {
    await this.#onEach(`remove toxic ${toxic} from`, ({ name }) => {
      return this.#client.removeToxic(name, toxic);
    });
    this.#toxics.delete(toxic);
  }

  async cut(): Promise<void> {
    this.#wantsCut = true;
    await this.#onEach('cut', async ({ name }) => {
      const { isEnabled } = await this.#client.setEnabled(name, false);
      if (isEnabled) throw new Error('the proxy server says that it is still enabled');
    });
  }

  async restore(): Promise<void> {
    this.#wantsCut = false;
    await this.#onEach('restore', async ({ name, host, port }) => {
      const state = await this.#client.setEnabled(name, true).catch((error: unknown) => {
        throw error instanceof LinkError && isPortTaken(error)
          ? new Error(`another process has taken its address ${host}:${port} meanwhile`)
          : error;
      });
      if (!state.isEnabled) throw new Error('the proxy server says that it is still disabled');
      if (state.port !== port) throw new Error(`it came back on port ${state.port}, not ${port}`);
    });
  }

  /** As the server has it; a link without proxies is what it was last told to be. */
  async isCut(): Promise<boolean> {
    if (this.#proxies.length === 0) return this.#wantsCut;
    const states = await this.#client.proxies();
    return this.#proxies.every(({ name }) => {
      const state = states.get(name);
      if (state === undefined) {
        const asked = `is link ${this.name} cut`;
        throw new LinkError({ asked, status: null, reason: `the server has no proxy ${name}` });
      }
      return !state.isEnabled;
    });
  }

  async #changeToxic(toxic: Toxic): Promise<void> {
    await this.#onEach(`change toxic ${toxic.name} of`, ({ name }) => {
      return this.#client.updateToxic(name, toxic);
    });
    this.#toxics.set(toxic.name, toxic);
  }

  /**
   * All at once; one that fails does not keep the others from being done, and every failure is
   * told.
   */
  async #onEach(doing: string, act: (proxy: LinkProxy) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#proxies.map(act));
    const failures = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      return [{ proxy: this.#proxies[index]!.name, error: result.reason as Error }];
    });
    const [first] = failures;
    if (first === undefined) return;
    const reason = failures
      .map(({ proxy, error }) => `proxy ${proxy}: ${error.message}`)
      .join('; ');
    const status = first.error instanceof LinkError ? first.error.status : null;
    const asked = `${doing} link ${this.name}`;
    throw new LinkError({ asked, status, reason }, { cause: first.error });
  }
}

function isPortTaken({ status, reason }: LinkError): boolean {
  return status === 500 && reason.includes('address already in use');
}

/** The API takes such a name and can never address it again. */
function refuseSlash(what: string, name: string): void {
  if (name !== '' && !name.includes('/')) return;
  const reason = 'a name must not be empty or contain "/"';
  throw new LinkError({ asked: `create ${what} "${name}"`, status: null, reason });
}
