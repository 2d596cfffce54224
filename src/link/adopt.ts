// Links on a proxy server that runs already: one in a container, whose proxies have other names and
// addresses inside than outside, or the one of a system that another runner brought up.
import { isDeepStrictEqual } from 'node:util';
import { connectClient, type ProxyState } from './client.ts';
import { LinkError, type LinkProxy, type Links, type Toxic } from './links.ts';
import { linksVia, type ProxiedLink } from './proxied-link.ts';
import { delayToxics } from './toxics.ts';

/** The delay of a link each way; null where it has none. */
type Delay = { readonly latency_ms: number; readonly jitter_ms: number } | null;

export interface KnownLink {
  readonly name: string;
  readonly proxies: readonly LinkProxy[];
  readonly delay: Delay;
}

/**
 * The links of a system that another runner brought up. `problems`: what is not as it was and
 * should be, e.g. toxics of a drill whose runner was killed. Rejects with a `LinkError` when the
 * server does not answer.
 */
export async function attachLinks(
  url: string,
  known: readonly KnownLink[],
): Promise<{ readonly links: Links; readonly problems: readonly string[] }> {
  const client = connectClient(url);
  const links = linksVia(client, await client.version());
  const states = await client.proxies();
  const problems: string[] = [];
  for (const { name, proxies, delay } of known) {
    const link = links.create(name);
    for (const proxy of proxies) await link.adopt(proxy, proxy);
    problems.push(...assumeDelay(link, delay, states));
  }
  return { links, problems };
}

export type AdoptedLinks = Awaited<ReturnType<typeof adoptLinks>>;

/** `url` is the server's API as it is reached from here. Rejects with a `LinkError`. */
export async function adoptLinks(url: string) {
  const client = connectClient(url);
  const links = linksVia(client, await client.version());
  const stateOf = async (served: string): Promise<ProxyState> => {
    const state = (await client.proxies()).get(served);
    if (state !== undefined) return state;
    throw new LinkError('adopt a proxy', `the server has no proxy ${served}`);
  };
  return {
    links: links as Links,
    /**
     * Makes the server's proxy `served` a part of the link, reached from outside at `host` and
     * `port`. The link is made when it does not exist.
     */
    adopt: async (
      link: string,
      name: string,
      { served, host, port }: Pick<LinkProxy, 'host' | 'port'> & { readonly served: string },
    ): Promise<LinkProxy> => {
      const state = await stateOf(served);
      const colon = state.upstream.lastIndexOf(':');
      const upstream = {
        host: state.upstream.slice(0, colon),
        port: Number(state.upstream.slice(colon + 1)),
      };
      const proxy: LinkProxy = { name, host, port, upstream };
      await links.of(link).adopt(proxy, state);
      return proxy;
    },
    /** For links that another runner made: what is not as it should be on the link's proxies. */
    check: async (link: string, delay: Delay): Promise<string[]> =>
      assumeDelay(links.of(link), delay, await client.proxies()),
    /** A further proxy on the server; `listen` is a port inside the container. */
    create: async (served: string, listen: number, upstream: string): Promise<void> => {
      if ((await client.proxies()).has(served)) return; // another runner's
      await client.createProxy(served, '0.0.0.0', upstream, listen);
    },
    /** Whether the server says that the proxy takes connections. */
    isEnabled: async (served: string): Promise<boolean> => (await stateOf(served)).isEnabled,
  };
}

/**
 * The delay stands on the link's proxies already and is its own from now on. Returns what is not as
 * it should be on them.
 */
function assumeDelay(
  link: ProxiedLink,
  delay: Delay,
  states: ReadonlyMap<string, ProxyState>,
): string[] {
  const toxics = delay === null ? [] : delayToxics(delay.latency_ms, delay.jitter_ms);
  link.assume(toxics);
  return link.served.flatMap(({ proxy, at }) => {
    const found = differences(proxy, at, states.get(at.name), toxics);
    return found.map((what) => `link ${link.name}: ${what}`);
  });
}

function differences(
  { upstream }: LinkProxy,
  { name, host, port }: Pick<ProxyState, 'name' | 'host' | 'port'>,
  state: ProxyState | undefined,
  toxics: readonly Toxic[],
): string[] {
  if (state === undefined) return [`the proxy ${name} is gone`];
  const found: string[] = [];
  if (!state.isEnabled) found.push(`${name} is cut`);
  const strange = state.toxics.filter((toxic) => !toxics.some((own) => isSame(own, toxic)));
  for (const toxic of strange) found.push(`${name} has the toxic ${toxic.name} on it`);
  const missing = toxics.filter((own) => !state.toxics.some((toxic) => isSame(own, toxic)));
  for (const toxic of missing) found.push(`${name} lacks its ${toxic.name}`);
  const listens = `${state.host}:${state.port}`;
  if (listens !== `${host}:${port}`) found.push(`${name} listens on ${listens} now`);
  if (state.upstream !== `${upstream.host}:${upstream.port}`) {
    found.push(`${name} leads to ${state.upstream} now`);
  }
  return found;
}

function isSame(one: Toxic, other: Toxic): boolean {
  const isLike = one.name === other.name && one.type === other.type && one.stream === other.stream;
  return isLike && isDeepStrictEqual(one.attributes, other.attributes);
}
