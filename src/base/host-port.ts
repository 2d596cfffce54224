// An address as people and proxies write it, `host:port`: a host of IPv6 stands in brackets.

/** The port is its group. */
export const HOST_AND_PORT = /^(?:\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/;

export interface HostAndPort {
  /** Without brackets, as sockets take it. */
  readonly host: string;
  readonly port: number;
}

/** What it says, of a text that has the form. */
export function hostAndPort(text: string): HostAndPort {
  const at = text.lastIndexOf(':');
  return { host: withoutBrackets(text.slice(0, at)), port: Number(text.slice(at + 1)) };
}

/** Whether it has the form, with a port that can be connected to. */
export function isHostAndPort(text: string): boolean {
  const port = Number(HOST_AND_PORT.exec(text)?.[1] ?? 0);
  return port > 0 && port < 65_536;
}

/** As it stands in a URL. */
export function withBrackets(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function withoutBrackets(host: string): string {
  return host.replaceAll(/^\[|\]$/g, '');
}
