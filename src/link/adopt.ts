// Links on a proxy server that somebody else has started, such as one in a container: its proxies
// stand there already, under names and at addresses that may be others than outside.
import { stateProblems, type KnownLink } from './attach.ts';
import { connectClient, type ProxyClient } from './client.ts';
import { LinkError } from './link-error.ts';
import type { LinkProxy, Links } from './links.ts';
import { linksVia } from './proxied-link.ts';
import { delayToxics } from './toxics.ts';

export interface AdoptedLinks {
  readonly links: Links;
  /**
   * Makes the server's proxy `served` a part of the link, reached from outside at `host` and
   * `port`. The link is made when it does not exist.
   */
  adopt(link: string, name: string, from: ServedProxy): Promise<LinkProxy>;
  /** A further proxy on the server; `listen` is a port inside the container. */
  create(served: string, listen: number, upstream: string): Promise<void>;
  /**
   * For links that another runner made: what is not as it should be on the link's proxies. The
   * delay (null: none) stands on them and is the link's own from now on.
   */
  check(link: string, delay: KnownLink['delay']): Promise<string[]>;
  /** Whether the server says that the proxy takes connections. */
  isEnabled(served: string): Promise<boolean>;
}

export interface ServedProxy {
  /** Its name on the server. */
  readonly served: string;
  readonly host: string;
  readonly port: number;
}

/** `url` is the server's API as it is reached from here. Rejects with a `LinkError`. */
export async function adoptLinks(url: string): Promise<AdoptedLinks> {
  const client = connectClient(url);
  const links = linksVia(client, await client.version());
  const servedBy = new Map<string, string[]>();
  return {
    links,
    adopt: async (link, name, { served, host, port }) => {
      const state = await stateOf(client, served);
      const colon = state.upstream.lastIndexOf(':');
      const upstream = {
        host: state.upstream.slice(0, colon),
        port: Number(state.upstream.slice(colon + 1)),
      };
      const proxy: LinkProxy = { name, host, port, upstream };
      servedBy.set(link, [...(servedBy.get(link) ?? []), served]);
      await links.of(link).adopt(proxy, { name: served, port: state.port });
      return proxy;
    },
    check: async (name, delay) => {
      const toxics = delay === null ? [] : delayToxics(delay.latency_ms, delay.jitter_ms);
      links.of(name).assume(toxics);
      const states = await client.proxies();
      return (servedBy.get(name) ?? []).flatMap((served) => {
        const found = stateProblems(served, states.get(served), toxics);
        return found.map((what) => `link ${name}: ${what}`);
      });
    },
    create: async (served, listen, upstream) => {
      if ((await client.proxies()).has(served)) return; // another runner's
      await client.createProxy(served, '0.0.0.0', upstream, listen);
    },
    isEnabled: async (served) => (await stateOf(client, served)).isEnabled,
  };
}

async function stateOf(client: ProxyClient, served: string) {
  const state = (await client.proxies()).get(served);
  if (state !== undefined) return state;
  const reason = `the server has no proxy ${served}`;
  throw new LinkError({ asked: 'adopt a proxy', status: null, reason });
}
