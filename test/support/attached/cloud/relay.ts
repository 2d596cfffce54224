// A way in before a server, as a service of Kubernetes or the address of an instance is one: each
// new connection goes to whoever it leads to at that moment.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Address } from '../../../../src/host/ports.ts';

export interface Relay {
  close(): void;
}

export async function startRelay({ host, port }: Address, to: () => Address): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...to(), noDelay: true });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => {}); // `close` comes after it
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  server.unref();
  return {
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Of the server in a database's address. */
export function addressIn(url: string): Address {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}
