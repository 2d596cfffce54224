// The links on a proxy server that answers, by name.
import type { ProxyClient } from './client.ts';
import { LinkError } from './link-error.ts';
import type { Links } from './links.ts';
import { ProxiedLink } from './proxied-link.ts';
import { BUILT_IN_VERSION } from './proxy/api.ts';

export interface ProxiedLinks extends Links {
  create(name: string): ProxiedLink;
}

/** `version` is what the server says of itself. */
export function linksVia(client: ProxyClient, version: string): ProxiedLinks {
  const made = new Map<string, ProxiedLink>();
  return {
    server: version === BUILT_IN_VERSION ? 'built-in' : `toxiproxy ${version}`,
    url: client.url,
    create: (name) => {
      if (made.has(name)) throw noLink(`create link ${name}`, 'there is one of this name');
      const link = new ProxiedLink(name, client);
      made.set(name, link);
      return link;
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
