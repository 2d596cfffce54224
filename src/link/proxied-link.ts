// A link made of proxies on a proxy server. What holds for the link (its toxics, being cut) holds
// for every proxy of it, those that are added later too.
import { isFailure, OperationFailed } from '../host/operation-failed.ts';
import { randomBytes } from 'node:crypto';
import { allDone } from '../base/all-done.ts';
import { LinkError } from './link-error.ts';
import type { ProxyClient } from './client.ts';
import type { Disturbance, Link, LinkProxy, Links, Toxic } from './links.ts';
import { BUILT_IN_VERSION } from './proxy/api.ts';
import { delayToxics } from './toxics.ts';

const LOOPBACK = '127.0.0.1';
/** The server's answer where a toxic is not there. */
const NOT_FOUND = 404;
const NAME_BYTES = 6;

/** A proxy as it stands on the server. */
interface Served {
  readonly proxy: LinkProxy;
  /** Its name there, and the port that it listens on; in a container both can be others. */
  readonly served: string;
  readonly listens: number;
}

interface ProxiedLinks extends Links {
  create(name: string): ProxiedLink;
  /** The link of that name, made where there is none. */
  of(name: string): ProxiedLink;
}

class ProxiedLink implements Link {
  readonly name: string;
  readonly #client: ProxyClient;
  readonly #served: Served[] = [];
  readonly #toxics = new Map<string, Toxic>();
  #wantsCut = false;

  constructor(name: string, client: ProxyClient) {
    refuseSlash('link', name);
    this.name = name;
    this.#client = client;
  }

  get proxies(): readonly LinkProxy[] {
    return this.#served.map(({ proxy }) => proxy);
  }

  async addProxy(name: string, upstream: { host: string; port: number }): Promise<LinkProxy> {
    refuseSlash('proxy', name);
    const target = `${upstream.host}:${upstream.port}`;
    const { host, port } = await this.#client.createProxy(name, LOOPBACK, target);
    const proxy: LinkProxy = { name, host, port, upstream: { ...upstream } };
    // Nobody knows the new port yet, so nothing passes before the link's state is its own.
    await this.adopt(proxy, { name, port });
    return proxy;
  }

  /** Takes a proxy that stands on the server already into the link. */
  async adopt(proxy: LinkProxy, served: { name: string; port: number }): Promise<void> {
    this.#served.push({ proxy, served: served.name, listens: served.port });
    if (this.#wantsCut) await this.#client.setEnabled(served.name, false);
    for (const toxic of this.#toxics.values()) await this.#client.addToxic(served.name, toxic);
  }

  async delay(latency_ms: number, jitter_ms: number): Promise<void> {
    for (const toxic of delayToxics(latency_ms, jitter_ms)) {
      if (this.#toxics.has(toxic.name)) await this.#changeToxic(toxic);
      else await this.addToxic(toxic);
    }
  }

  /** Takes toxics for its own that stand on all of its proxies already. */
  assume(toxics: readonly Toxic[]): void {
    for (const toxic of toxics) this.#toxics.set(toxic.name, toxic);
  }

  async addToxic(toxic: Toxic): Promise<void> {
    refuseSlash('toxic', toxic.name);
    await this.#onEach(`add toxic ${toxic.name} to`, ({ served }) => {
      return this.#client.addToxic(served, toxic);
    });
    this.#toxics.set(toxic.name, toxic);
  }

  async removeToxic(toxic: string): Promise<void> {
    await this.#onEach(`remove toxic ${toxic} from`, ({ served }) => {
      return this.#client.removeToxic(served, toxic);
    });
    this.#toxics.delete(toxic);
  }

  async sever(): Promise<void> {
    this.#wantsCut = true;
    await this.#onEach('cut', async ({ served }) => {
      const { isEnabled } = await this.#client.setEnabled(served, false);
      if (isEnabled) throw this.#unlike('that it is disabled', 'that it is still enabled');
    });
  }

  async restore(): Promise<void> {
    this.#wantsCut = false;
    await this.#onEach('restore', async ({ served, listens, proxy }) => {
      const state = await this.#client.setEnabled(served, true).catch((error: unknown) => {
        throw error instanceof LinkError && isPortTaken(error)
          ? this.#unlike(`its address ${proxy.host}:${listens}`, 'another process there')
          : error;
      });
      if (!state.isEnabled) throw this.#unlike('that it is enabled', 'that it is still disabled');
      if (state.port === listens) return;
      throw this.#unlike(`it back on port ${listens}`, `it on port ${state.port}`);
    });
  }

  disturb(toxics: readonly Toxic[]): Disturbance {
    const id = randomBytes(NAME_BYTES).toString('hex');
    const own = toxics.map((toxic): Toxic => ({ ...toxic, name: `${toxic.name}-${id}` }));
    const names = own.map(({ name }) => name);
    return {
      entry: { undo: 'toxics', url: this.#client.url, toxics: names },
      act: async () => {
        const missing = own.filter(({ name }) => !this.#toxics.has(name));
        // Both ways at once: what is asked before and answered after would be half a black hole.
        await allDone(missing.map((toxic) => this.addToxic(toxic)));
      },
      undo: async () => void (await allDone(names.map((name) => this.#removeIfThere(name)))),
    };
  }

  /** Also where only some of the proxies have it. */
  async #removeIfThere(name: string): Promise<void> {
    await this.#onEach(`remove toxic ${name} from`, async ({ served }) => {
      await this.#client.removeToxic(served, name).catch((error: unknown) => {
        if (!(error instanceof LinkError && error.status === NOT_FOUND)) throw error;
      });
    });
    this.#toxics.delete(name);
  }

  /** As the server has it; a link without proxies is what it was last told to be. */
  async isSevered(): Promise<boolean> {
    if (this.#served.length === 0) return this.#wantsCut;
    const states = await this.#client.proxies();
    return this.#served.every(({ served }) => {
      const state = states.get(served);
      if (state === undefined) {
        const asked = `is link ${this.name} cut`;
        throw new LinkError({ asked, status: null, reason: `the server has no proxy ${served}` });
      }
      return !state.isEnabled;
    });
  }

  async #changeToxic(toxic: Toxic): Promise<void> {
    await this.#onEach(`change toxic ${toxic.name} of`, ({ served }) => {
      return this.#client.updateToxic(served, toxic);
    });
    this.#toxics.set(toxic.name, toxic);
  }

  #unlike(expected: string, found: string): OperationFailed {
    return new OperationFailed({ what: `link ${this.name}`, expected, found });
  }

  /**
   * All at once; one that fails does not keep the others from being done, and every failure is
   * told.
   */
  async #onEach(doing: string, act: (served: Served) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#served.map(act));
    const failures = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      const { reason } = result as { reason: unknown };
      if (!isFailure(reason)) throw reason;
      return [{ proxy: this.#served[index]!.proxy.name, error: reason }];
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

/** The links on a proxy server that answers. `version` is what it says of itself. */
export function linksVia(client: ProxyClient, version: string): ProxiedLinks {
  const made = new Map<string, ProxiedLink>();
  const of = (name: string) => {
    const link = made.get(name) ?? new ProxiedLink(name, client);
    made.set(name, link);
    return link;
  };
  return {
    of,
    server: version === BUILT_IN_VERSION ? 'built-in' : `toxiproxy ${version}`,
    url: client.url,
    create: (name) => {
      if (made.has(name)) throw noLink(`create link ${name}`, 'there is one of this name');
      return of(name);
    },
    get: (name) => {
      const link = made.get(name);
      if (link !== undefined) return link;
      throw noLink(`find link ${name}`, `expected one of ${[...made.keys()].join(', ') || 'none'}`);
    },
  };
}

function noLink(asked: string, reason: string): LinkError {
  return new LinkError({ asked, status: null, reason });
}
