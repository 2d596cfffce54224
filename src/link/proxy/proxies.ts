// All proxies of the server, by name.
import { apiErrors, asFields, asList, field } from './body.ts';
import { Proxy, type ProxyJson, type ProxyRules, type ProxySettings } from './proxy.ts';

export class Proxies {
  readonly #proxies = new Map<string, Proxy>();
  readonly #rules: ProxyRules;

  constructor(rules: ProxyRules) {
    this.#rules = rules;
  }

  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw apiErrors.proxyNotFound();
    return proxy;
  }

  toJson(): Record<string, ProxyJson> {
    const names = [...this.#proxies.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.get(name).toJson()]));
  }

  async create(body: unknown): Promise<ProxyJson> {
    const { settings, enabled } = readProxy(body, '');
    if (this.#proxies.has(settings.name)) throw apiErrors.proxyExists();
    const proxy = new Proxy(settings, this.#rules);
    if (enabled) await proxy.enable();
    this.#proxies.set(proxy.name, proxy);
    return proxy.toJson();
  }

  /**
   * Creates or replaces. A proxy whose addresses stay the same is kept with its toxics, enabled or
   * not, as Toxiproxy 2.12 does. Stops at the first proxy that cannot listen; the ones before it
   * stay, and `failure` says why.
   */
  async populate(body: () => unknown): Promise<{ proxies: ProxyJson[]; failure: unknown }> {
    const wanted = asList(body(), 'the body').map((one, i) => readProxy(one, ` at proxy ${i + 1}`));
    const proxies: ProxyJson[] = [];
    for (const { settings, enabled } of wanted) {
      const before = this.#proxies.get(settings.name);
      if (before?.hasAddresses(settings.listen, settings.upstream)) {
        proxies.push(before.toJson());
        continue;
      }
      before?.disable();
      const proxy = new Proxy(settings, this.#rules);
      try {
        if (enabled) await proxy.enable();
      } catch (failure) {
        return { proxies, failure };
      }
      this.#proxies.set(proxy.name, proxy);
      proxies.push(proxy.toJson());
    }
    return { proxies, failure: null };
  }

  async update(name: string, body: () => unknown): Promise<ProxyJson> {
    const proxy = this.get(name);
    const fields = asFields(body(), 'the proxy');
    const { listen, upstream, enabled } = proxy.toJson();
    await proxy.update(
      field(fields, 'listen', listen),
      field(fields, 'upstream', upstream),
      field(fields, 'enabled', enabled),
    );
    return proxy.toJson();
  }

  remove(name: string): void {
    this.get(name).disable();
    this.#proxies.delete(name);
  }

  /** Enables every proxy and removes every toxic. */
  async reset(): Promise<void> {
    for (const proxy of this.#proxies.values()) {
      await proxy.enable();
      proxy.toxics.removeAll();
    }
  }
}

function readProxy(body: unknown, where: string): { settings: ProxySettings; enabled: boolean } {
  const fields = asFields(body, `the proxy${where}`);
  const name = field<string>(fields, 'name', '');
  const listen = field<string>(fields, 'listen', '');
  const upstream = field<string>(fields, 'upstream', '');
  const enabled = field<boolean>(fields, 'enabled', true);
  if (name === '') throw apiErrors.missingField(`name${where}`);
  if (upstream === '') throw apiErrors.missingField(`upstream${where}`);
  return { settings: { name, listen, upstream }, enabled };
}
