// The links of a system that another runner brought up: its proxies as they stand on the server,
// compared with what they were and should be.
import { connectClient, type ProxyState } from './client.ts';
import type { LinkProxy, Links } from './links.ts';
import { linksVia } from './proxied-link.ts';
import { delayToxics } from './toxics.ts';

export interface KnownLink {
  readonly name: string;
  readonly proxies: readonly LinkProxy[];
  /** The delay each way; null where it has none. */
  readonly delay: { readonly latency_ms: number; readonly jitter_ms: number } | null;
}

/** Rejects with a `LinkError` when the server does not answer. */
export async function attachLinks(
  url: string,
  known: readonly KnownLink[],
): Promise<{
  readonly links: Links;
  /** What is not as it should be, e.g. toxics of a drill whose runner was killed. */
  readonly problems: readonly string[];
}> {
  const client = connectClient(url);
  const links = linksVia(client, await client.version());
  const states = await client.proxies();
  const problems: string[] = [];
  for (const { name, proxies, delay } of known) {
    const link = links.create(name);
    const toxics = delay === null ? [] : delayToxics(delay.latency_ms, delay.jitter_ms);
    for (const proxy of proxies) {
      const state = states.get(proxy.name);
      problems.push(...differences(proxy, state, toxics).map((what) => `link ${name}: ${what}`));
      await link.adopt(proxy, { name: proxy.name, port: proxy.port });
    }
    link.assume(toxics);
  }
  return { links, problems };
}

function differences(
  { name, host, port, upstream }: LinkProxy,
  state: ProxyState | undefined,
  toxics: ProxyState['toxics'],
): string[] {
  const found = stateProblems(name, state, toxics);
  if (state === undefined) return found;
  const listens = `${state.host}:${state.port}`;
  if (listens !== `${host}:${port}`) found.push(`${name} listens on ${listens} now`);
  if (state.upstream !== `${upstream.host}:${upstream.port}`) {
    found.push(`${name} leads to ${state.upstream} now`);
  }
  return found;
}

/** What is not as it should be on a proxy, wherever it listens. */
export function stateProblems(
  name: string,
  state: ProxyState | undefined,
  toxics: ProxyState['toxics'],
): string[] {
  if (state === undefined) return [`the proxy ${name} is gone`];
  const found: string[] = [];
  if (!state.isEnabled) found.push(`${name} is cut`);
  const strange = state.toxics.filter((toxic) => !toxics.some((own) => isSame(own, toxic)));
  for (const toxic of strange) found.push(`${name} has the toxic ${toxic.name} on it`);
  const missing = toxics.filter((own) => !state.toxics.some((toxic) => isSame(own, toxic)));
  for (const toxic of missing) found.push(`${name} lacks its ${toxic.name}`);
  return found;
}

type Toxic = ProxyState['toxics'][number];

function isSame(one: Toxic, other: Toxic): boolean {
  const isLike = one.name === other.name && one.type === other.type && one.stream === other.stream;
  const names = new Set([...Object.keys(one.attributes), ...Object.keys(other.attributes)]);
  return isLike && [...names].every((name) => one.attributes[name] === other.attributes[name]);
}
