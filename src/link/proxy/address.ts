// `host:port` as the proxy API writes it; IPv6 hosts stand in brackets.
import { isIPv6 } from 'node:net';
import type { Address } from '../../host/ports.ts';
import { apiErrors } from './api-error.ts';

const LOOPBACK = '127.0.0.1';
const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/;

export function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  return { host: bracketed || plain || LOOPBACK, port };
}

/** Where to listen. Toxiproxy listens everywhere when no host is given; here it is loopback. */
export function parseListen(text: string): Address {
  if (text === '') return { host: LOOPBACK, port: 0 };
  const address = parseAddress(text);
  if (address !== null) return address;
  const port = text.slice(text.lastIndexOf(':') + 1);
  throw text.includes(':')
    ? apiErrors.cannotListen(`: address ${port}: invalid port`)
    : apiErrors.cannotListen(`: address ${text}: missing port in address`);
}

export function showAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
