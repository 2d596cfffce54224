// Whether the machine can be reached by itself: in a sandbox without a network even that can be
// down.
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

const ANSWER_MS = 2_000;

/** Null where a connection carries data; else the system's code, or what came instead. */
export async function loopbackProblem(host: string): Promise<string | null> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('drill');
  });
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    server.listen(0, host);
    await once(server, 'listening', { signal });
    return (await hear(server, host, signal)) === 'drill' ? null : 'something else answered';
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return name === 'AbortError' ? `no answer within ${ANSWER_MS / 1_000} s` : (code ?? name);
  } finally {
    server.close();
  }
}

async function hear(server: Server, host: string, signal: AbortSignal): Promise<string> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect({ host, port, signal }).setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => (heard += text));
  try {
    await once(socket, 'close', { signal });
  } finally {
    socket.destroy();
  }
  return heard;
}
