// Small real TCP parts for tests: an upstream that does as told, and a client that keeps what it
// got and when.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { hostNow } from '../../../src/host/clock.ts';
import type { Address } from '../../../src/host/ports.ts';

export interface TcpServer {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Listens on a free port of loopback; half-open sockets are left to `serve`. */
export async function startTcpServer(serve: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref(); // a test that failed closes nothing, and mocha is to end all the same
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    sockets,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** While the work goes on somebody listens there. */
export async function withTcpServer(
  serve: (socket: Socket) => void,
  work: (at: Address) => Promise<void>,
): Promise<void> {
  const server = await startTcpServer(serve);
  try {
    await work({ host: '127.0.0.1', port: server.port });
  } finally {
    await server.close();
  }
}

export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** As one that lives and has nothing to say. */
export function hangUp(socket: Socket): void {
  socket.resume().end();
}

/** What arrived on one side of a connection; times count from the call of `watch`. */
export interface Arrival {
  readonly bytes: Buffer;
  /** NaN while nothing has come. */
  readonly first_ms: number;
  /** Null while the connection is open. */
  readonly ended_ms: number | null;
  /** `end`: the other side closed in order; else the error's code. */
  readonly by: string | null;
  /** Sizes of what was read at a time. */
  readonly reads: readonly number[];
}

/** Collects what arrives; `until` and `end` reject after 5 s. */
export function watch(socket: Socket) {
  const from = hostNow();
  const chunks: Buffer[] = [];
  let received = 0;
  let first_ms = NaN;
  let end: { ended_ms: number; by: string } | null = null;
  const checks = new Set<() => void>();
  const changed = () => {
    for (const check of checks) check();
  };
  const ended = (by: string) => {
    end ??= { ended_ms: hostNow() - from, by };
    changed();
  };
  socket.on('data', (chunk: Buffer) => {
    if (chunks.length === 0) first_ms = hostNow() - from;
    chunks.push(chunk);
    received += chunk.length;
    changed();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.message));
  socket.once('end', () => ended('end'));
  socket.once('close', () => ended('close'));
  const now = (): Arrival => ({
    bytes: Buffer.concat(chunks),
    first_ms,
    ended_ms: end?.ended_ms ?? null,
    by: end?.by ?? null,
    reads: chunks.map((chunk) => chunk.length),
  });
  const wait = (isThere: () => boolean, what: string) => {
    return new Promise<Arrival>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        checks.delete(check);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${what} within 5 s; so far ${received} bytes, ended by ${end?.by}`));
      }, 5_000);
      const check = () => {
        if (!isThere()) return;
        stop();
        resolve(now());
      };
      checks.add(check);
      check();
    });
  };
  return {
    now,
    until: async (length: number) => {
      const got = await wait(() => received >= length || end !== null, `expected ${length} bytes`);
      if (received >= length) return got;
      throw new Error(`expected ${length} bytes, found ${received}, ended by ${got.by}`);
    },
    end: () => wait(() => end !== null, 'expected the end of the connection'),
  };
}

export class TcpClient {
  readonly socket: Socket;
  readonly #arrived: ReturnType<typeof watch>;
  #sent_ms = NaN;

  private constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.#arrived = watch(this.socket);
  }

  /** Rejects with the connection's error. */
  static async to(port: number): Promise<TcpClient> {
    const client = new TcpClient(port);
    await once(client.socket, 'connect');
    return client;
  }

  bytes(): Buffer {
    return this.#arrived.now().bytes;
  }

  send(data: Buffer | string): void {
    // Before it: a busy machine may take a while to come back from the write.
    this.#sent_ms = hostNow();
    this.socket.write(data);
  }

  /** Resolves to the time from the last `send` until so many bytes in all have come, in milliseconds. */
  async received(length: number): Promise<number> {
    await this.#arrived.until(length);
    return hostNow() - this.#sent_ms;
  }

  /** Waits until the other side has closed. */
  async ended(): Promise<Arrival> {
    const arrival = await this.#arrived.end();
    this.socket.destroy();
    return arrival;
  }

  close(): void {
    this.socket.destroy();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
