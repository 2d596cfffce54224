// One proxy: a listening address, its connections, and its toxics. Disabled, it neither listens nor
// keeps a connection.
import { connect, createServer, isIPv6 } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { isLoopback, LOOPBACK, type Address } from '../../host/ports.ts';
import { apiErrors } from './body.ts';
import { Connection } from './connection.ts';
import { ToxicList, type ToxicJson } from './toxic-list.ts';

export interface ProxySettings {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}

export interface ProxyRules {
  /** It gives numbers in [0, 1) for toxicity, jitter and slices. */
  readonly chance: () => number;
  /** Proxies may listen where other machines reach them. */
  readonly isAnywhere?: boolean;
}

export interface ProxyJson extends ProxySettings {
  readonly enabled: boolean;
  readonly toxics: readonly ToxicJson[];
}

export class Proxy {
  readonly name: string;
  readonly toxics: ToxicList;
  readonly #rules: ProxyRules;
  readonly #connections = new Set<Connection>();
  #listen: string;
  #upstream: string;
  #server: Server | null = null;

  constructor({ name, listen, upstream }: ProxySettings, rules: ProxyRules) {
    this.name = name;
    this.#listen = listen;
    this.#upstream = upstream;
    this.#rules = rules;
    this.toxics = new ToxicList((change, toxic) => {
      for (const connection of this.#connections) connection.changeToxic(change, toxic);
    });
  }

  get isEnabled(): boolean {
    return this.#server !== null;
  }

  toJson(): ProxyJson {
    const { name, isEnabled: enabled } = this;
    const toxics = this.toxics.toJson();
    return { name, listen: this.#listen, upstream: this.#upstream, enabled, toxics };
  }

  hasAddresses(listen: string, upstream: string): boolean {
    return listen === this.#listen && upstream === this.#upstream;
  }

  /** Listens; afterwards the listening address has its real port. Rejects with the API's 500. */
  async enable(): Promise<void> {
    if (this.#server !== null) return;
    const { host, port } = parseListen(this.#listen);
    if (this.#rules.isAnywhere !== true && !isLoopback(host)) {
      throw apiErrors.cannotListen(` ${this.#listen}: not on loopback, which takes -anywhere`);
    }
    // Paused: nothing may be read before the upstream is connected.
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
    server.on('connection', (client) => this.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(apiErrors.cannotListen(` ${this.#listen}: bind: ${describeBindError(error)}`));
      });
      server.listen({ host, port }, resolve);
    });
    // What fails from here on is one accept, e.g. for want of file descriptors; the client sees it.
    server.on('error', () => {});
    const { address, port: bound } = server.address() as AddressInfo;
    this.#listen = showAddress(address, bound);
    this.#server = server;
  }

  /** Frees the port and closes every connection at once. */
  disable(): void {
    this.#server?.close();
    this.#server = null;
    for (const connection of this.#connections) connection.destroy();
  }

  /** Another address closes what is open. */
  async update(listen: string, upstream: string, enabled: boolean): Promise<void> {
    if (!enabled || !this.hasAddresses(listen, upstream)) this.disable();
    this.#listen = listen;
    this.#upstream = upstream;
    if (enabled) await this.enable();
  }

  #accept(client: Socket): void {
    const address = parseAddress(this.#upstream);
    if (address === null) {
      client.destroy();
      return;
    }
    const upstream = connect({ ...address, noDelay: true, allowHalfOpen: true });
    const connection = new Connection(client, upstream, this.toxics, this.#rules.chance);
    this.#connections.add(connection);
    connection.onClose(() => this.#connections.delete(connection));
  }
}

function describeBindError(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'address already in use';
  if (error.code === 'EACCES') return 'permission denied';
  if (error.code === 'EADDRNOTAVAIL') return 'cannot assign requested address';
  return error.message;
}

// `host:port` as the proxy API writes it; IPv6 hosts stand in brackets.
const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/;

function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  return { host: bracketed || plain || LOOPBACK, port };
}

/** Where to listen. Toxiproxy listens everywhere when no host is given; here it is loopback. */
function parseListen(text: string): Address {
  if (text === '') return { host: LOOPBACK, port: 0 };
  const address = parseAddress(text);
  if (address !== null) return address;
  const port = text.slice(text.lastIndexOf(':') + 1);
  throw text.includes(':')
    ? apiErrors.cannotListen(`: address ${port}: invalid port`)
    : apiErrors.cannotListen(`: address ${text}: missing port in address`);
}

function showAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
