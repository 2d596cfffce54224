// Ports of loopback for servers that are killed and come back. They lie below those that the kernel
// gives to connections: while a server is away, a client that asks for it could be given its port
// and speak to itself.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { LOOPBACK } from '../../../src/host/ports.ts';

const FIRST = 20_000;
const COUNT = 12_000;
const ATTEMPTS = 1_000;

export interface Claim {
  readonly ports: readonly number[];
  release(): void;
}

/**
 * Claimed by the UDP port of the same number, which no other test takes meanwhile and which the
 * kernel gives back when this process dies.
 */
export async function claimPorts(count: number): Promise<Claim> {
  const claims: { port: number; socket: Socket }[] = [];
  for (let attempt = 0; claims.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`there are no ${count} free ports on ${LOOPBACK}`);
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const socket = await claim(port);
    if (socket !== null) claims.push({ port, socket });
  }
  return {
    ports: claims.map(({ port }) => port),
    release: () => claims.forEach(({ socket }) => socket.close()),
  };
}

async function claim(port: number): Promise<Socket | null> {
  const socket = createSocket('udp4');
  socket.unref();
  try {
    socket.bind({ port, address: LOOPBACK, exclusive: true });
    await once(socket, 'listening');
  } catch {
    return null;
  }
  if (await isFree(port)) return socket;
  socket.close();
  return null;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
