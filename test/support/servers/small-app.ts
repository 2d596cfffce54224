// An app instance as far as the proofs of faults ask one: it takes bytes and gives as many as it is
// asked for, and can be disturbed.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UNDISTURBED, type Disturbance } from '../../../src/app/disturbance.ts';
import type { Address } from '../../../src/host/ports.ts';

export interface SmallApp {
  readonly at: Address;
  /** How requests are met from now on. */
  disturbance: Disturbance;
  close(): void;
}

export async function startSmallApp(): Promise<SmallApp> {
  let count = 0;
  const server = createServer((request, response) => {
    const bytes = Number(request.url!.replace('/bytes/', '')) || 0;
    request.resume().once('end', () => {
      const { errors, delay_ms } = app.disturbance;
      count += 1;
      // Of each so many, and not by chance.
      if (Math.floor(count * errors) > Math.floor((count - 1) * errors)) response.statusCode = 500;
      setTimeout(() => response.end('x'.repeat(bytes)), delay_ms);
    });
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const app: SmallApp = {
    at: { host: '127.0.0.1', port },
    disturbance: UNDISTURBED,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return app;
}
