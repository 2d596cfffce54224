// Under which names the dashboard answers. A page of somebody else can have its own name lead to
// this machine (DNS rebinding); the name stays in the request, so only known ones are answered.
import { hostname, networkInterfaces } from 'node:os';
import { withBrackets } from '../../base/host-port.ts';
import { isLoopback } from '../../host/ports.ts';

/** They are no name of anything. */
const ANYWHERE = ['0.0.0.0', '::'];

/** `host` is what it listens on; `others` are names that somebody gave it. Lower case. */
export function knownHosts(host: string, others: readonly string[]): ReadonlySet<string> {
  const own = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    ...(ANYWHERE.includes(host) ? [] : [withBrackets(host)]),
  ];
  const machine = isLoopback(host) ? [] : [hostname(), ...addresses()];
  return new Set([...own, ...machine, ...others].map((name) => name.toLowerCase()));
}

function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.map(({ address, family }) => (family === 'IPv6' ? withBrackets(address) : address));
}

/** `localhost:8420` → `localhost`; null: it is no name with a port. */
export function nameOfHost(header: string): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header) ?? [];
  return name?.toLowerCase() ?? null;
}
