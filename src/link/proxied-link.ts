// A link made of proxies on a proxy server. What holds for the link (its toxics, being cut) holds
// for every proxy of it, those that are added later too.
import { randomBytes } from 'node:crypto';
import { allDone } from '../base/all-done.ts';
import { undoing } from '../evidence/undo.ts';
import { isFailure, OperationFailed } from '../host/operation-failed.ts';
import { LOOPBACK } from '../host/ports.ts';
import type { ProxyClient, ProxyState } from './client.ts';
import {
  LinkError,
  type Disturbance,
  type Link,
  type LinkProxy,
  type Links,
  type PlacedToxic,
  type Refusal,
  type Refused,
} from './links.ts';
import { BUILT_IN_VERSION } from './proxy/api.ts';
import { bare, delayToxics, isAlike, isOn } from './toxics.ts';

const NAME_BYTES = 6;

/** A proxy's name on the server, and where it listens; in a container both can be others. */
export type ServedAt = Pick<ProxyState, 'name' | 'host' | 'port'>;

interface Served {
  readonly proxy: LinkProxy;
  readonly at: ServedAt;
}

interface ProxiedLinks extends Links {
  create(name: string): ProxiedLink;
  /** The link of that name, made where there is none. */
  of(name: string): ProxiedLink;
}

export class ProxiedLink implements Link {
  readonly name: string;
  readonly served: Served[] = [];
  readonly #client: ProxyClient;
  readonly #toxics = new Map<string, PlacedToxic>();
  /** Those of them that are its delay. */
  #delay: readonly PlacedToxic[] = [];
  #wantsCut = false;
  readonly #refusals = new Set<Refused>(); // besides a cut
  /** Ends with the last of what puts toxics on proxies, or takes them off. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(name: string, client: ProxyClient) {
    refuseSlash('link', name);
    this.name = name;
    this.#client = client;
  }

  get proxies(): readonly LinkProxy[] {
    return this.served.map(({ proxy }) => proxy);
  }

  async addProxy(name: string, upstream: { host: string; port: number }): Promise<LinkProxy> {
    refuseSlash('proxy', name);
    const target = `${upstream.host}:${upstream.port}`;
    const at = await this.#client.createProxy(name, LOOPBACK, target);
    const proxy: LinkProxy = { name, host: at.host, port: at.port, upstream: { ...upstream } };
    // Nobody knows the new port yet, so nothing passes before the link's state is its own.
    await this.adopt(proxy, at);
    return proxy;
  }

  /** Takes a proxy that stands on the server already into the link. */
  async adopt(proxy: LinkProxy, at: ServedAt): Promise<void> {
    await this.#inTurn(async () => {
      this.served.push({ proxy, at });
      if (this.#isClosed) await this.#client.setEnabled(at.name, false);
      for (const toxic of this.#toxics.values()) {
        if (isOn(toxic, proxy)) await this.#client.addToxic(at.name, bare(toxic));
      }
    });
  }

  /** A proxy that joins while the others get a toxic would miss it: one thing after the other. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const own = this.#turn.then(work);
    this.#turn = own.catch(() => {});
    await own;
  }

  async delay(latency_ms: number, jitter_ms: number): Promise<void> {
    const delay = delayToxics(latency_ms, jitter_ms);
    await this.#inTurn(async () => {
      for (const toxic of delay) await this.#putToxic(toxic);
      this.#delay = delay;
    });
  }

  async #putToxic(toxic: PlacedToxic): Promise<void> {
    if (!this.#toxics.has(toxic.name)) return await this.#addToxic(toxic);
    await this.#onEach(`change toxic ${toxic.name} of`, ({ at }) => {
      return this.#client.updateToxic(at.name, toxic);
    });
    this.#toxics.set(toxic.name, toxic);
  }

  async lostDelay(): Promise<readonly string[]> {
    return await this.#goneOf(this.#delay);
  }

  /** Takes a delay for its own that stands on all of its proxies already. */
  assume(delay: readonly PlacedToxic[]): void {
    for (const toxic of delay) this.#toxics.set(toxic.name, toxic);
    this.#delay = delay;
  }

  async #addToxic(toxic: PlacedToxic): Promise<void> {
    await this.#onEach(`add toxic ${toxic.name} to`, async ({ at, proxy }) => {
      if (isOn(toxic, proxy)) await this.#client.addToxic(at.name, bare(toxic));
    });
    this.#toxics.set(toxic.name, toxic);
  }

  get #isClosed(): boolean {
    return this.#wantsCut || this.#refusals.size > 0;
  }

  async sever(): Promise<void> {
    this.#wantsCut = true;
    await this.#inTurn(() => this.#close('cut'));
  }

  async #close(doing: string): Promise<void> {
    await this.#onEach(doing, async ({ at }) => {
      const { isEnabled } = await this.#client.setEnabled(at.name, false);
      if (isEnabled) throw this.#unlike('that it is disabled', 'that it is still enabled');
    });
  }

  async restore(): Promise<readonly string[]> {
    const open = this.#wantsCut ? await this.#openOnes('the cut of') : [];
    this.#wantsCut = false;
    await this.#inTurn(() => this.#open());
    return open;
  }

  /** Those that take connections although they were told not to, each in words. */
  async #openOnes(what: string): Promise<string[]> {
    const states = await this.#client.proxies();
    const open = this.served.filter(({ at }) => states.get(at.name)?.isEnabled === true);
    return open.map(({ proxy }) => `${what} ${proxy.name}`);
  }

  async #open(): Promise<void> {
    if (this.#isClosed) return;
    await this.#onEach('restore', async ({ at, proxy }) => {
      const state = await this.#client.setEnabled(at.name, true).catch((error: unknown) => {
        throw error instanceof LinkError && isPortTaken(error)
          ? this.#unlike(`its address ${proxy.host}:${at.port}`, 'another process there')
          : error;
      });
      if (!state.isEnabled) throw this.#unlike('that it is enabled', 'that it is still disabled');
      if (state.port === at.port) return;
      throw this.#unlike(`it back on port ${at.port}`, `it on port ${state.port}`);
    });
  }

  refuse(): Refusal {
    const proxies = this.served.map(({ at, proxy: { upstream } }) => {
      return { name: at.name, upstream: `${upstream.host}:${upstream.port}` };
    });
    const entry: Refused = { undo: 'refused', url: this.#client.url, proxies };
    return {
      entry,
      act: async () => {
        this.#refusals.add(entry);
        await this.#inTurn(() => this.#close('close'));
      },
      undo: undoing(
        async () => (this.#refusals.has(entry) ? await this.#openOnes('the refusal of') : []),
        async () => {
          this.#refusals.delete(entry);
          await this.#inTurn(() => this.#open());
        },
      ),
    };
  }

  disturb(toxics: readonly PlacedToxic[]): Disturbance {
    const id = randomBytes(NAME_BYTES).toString('hex');
    const own = toxics.map((toxic): PlacedToxic => ({ ...toxic, name: `${toxic.name}-${id}` }));
    for (const { name } of own) refuseSlash('toxic', name);
    const names = own.map(({ name }) => name);
    return {
      entry: { undo: 'toxics', url: this.#client.url, toxics: names },
      act: async () => {
        await this.#inTurn(async () => {
          const missing = own.filter(({ name }) => !this.#toxics.has(name));
          // Both ways at once: what is asked before and answered after would be half a black hole.
          await allDone(missing.map((toxic) => this.#addToxic(toxic)));
        });
      },
      undo: undoing(
        () => this.#goneOf(own),
        () =>
          this.#inTurn(async () => {
            await allDone(names.map((name) => this.#removeToxic(name)));
          }),
      ),
    };
  }

  /**
   * Those of its toxics that the server has not, or not as they were put there. What it has was
   * there all the time: the names are nobody else's, so that nothing brings a toxic back.
   */
  async #goneOf(toxics: readonly PlacedToxic[]): Promise<string[]> {
    const there = toxics.filter(({ name }) => this.#toxics.has(name));
    if (there.length === 0) return [];
    const states = await this.#client.proxies();
    return this.served.flatMap(({ at, proxy }) => {
      const found = states.get(at.name)?.toxics ?? [];
      return there
        .filter((toxic) => isOn(toxic, proxy) && !found.some((each) => isAlike(each, toxic)))
        .map(({ name }) => `toxic ${name} of ${proxy.name}`);
    });
  }

  /** Also where only some of the proxies have it. */
  async #removeToxic(name: string): Promise<void> {
    await this.#onEach(`remove toxic ${name} from`, ({ at }) => {
      return this.#client.removeToxic(at.name, name);
    });
    this.#toxics.delete(name);
  }

  /** As the server has it; a link without proxies is what it was last told to be. */
  async isSevered(): Promise<boolean> {
    if (this.served.length === 0) return this.#wantsCut;
    const states = await this.#client.proxies();
    return this.served.every(({ at }) => {
      const state = states.get(at.name);
      if (state !== undefined) return !state.isEnabled;
      throw new LinkError(`is link ${this.name} cut`, `the server has no proxy ${at.name}`);
    });
  }

  #unlike(expected: string, found: string): OperationFailed {
    return new OperationFailed({ what: `link ${this.name}`, expected, found });
  }

  /** All at once; one that fails does not keep the others from it, and every failure is told. */
  async #onEach(doing: string, act: (served: Served) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.served.map(act));
    const failures = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      const { reason } = result as { reason: unknown };
      if (!isFailure(reason)) throw reason;
      return [{ proxy: this.served[index]!.proxy.name, error: reason }];
    });
    const [first] = failures;
    if (first === undefined) return;
    const reason = failures.map(({ proxy, error }) => `proxy ${proxy}: ${error.message}`);
    const status = first.error instanceof LinkError ? first.error.status : null;
    throw new LinkError(`${doing} link ${this.name}`, reason.join('; '), status, first.error);
  }
}

function isPortTaken({ status, found }: LinkError): boolean {
  return status === 500 && found.includes('address already in use');
}

/** The API takes such a name and can never address it again. */
function refuseSlash(what: string, name: string): void {
  if (name !== '' && !name.includes('/')) return;
  throw new LinkError(`create ${what} "${name}"`, 'a name must not be empty or contain "/"');
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
      if (made.has(name)) throw new LinkError(`create link ${name}`, 'there is one of this name');
      return of(name);
    },
    get: (name) => {
      const link = made.get(name);
      if (link !== undefined) return link;
      const known = [...made.keys()].join(', ') || 'none';
      throw new LinkError(`find link ${name}`, `expected one of ${known}`);
    },
    answers: (signal) => client.answers(signal),
  };
}
