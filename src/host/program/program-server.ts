// Requests and events of a program without a parent, over HTTP: `POST /request/<name>` with a JSON
// body gives 200 `{ "body": … }` or 422 `{ "error": "…" }`; `GET /events` gives a line
// `{ "name", "body" }` for each event, the past ones first, and an empty line every second. Both
// ask for `authorization: Bearer <token>`.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSame } from '../secret.ts';

const BODY_BYTES_MAX = 1024 * 1024;
const HEARTBEAT_MS = 1_000;
/** A reader so far behind is no reader. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** Longer than any pause of the runner, so that no idle connection closes under a request. */
const KEEP_ALIVE_MS = 600_000;
const REQUEST = '/request/';

export interface ControlOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

type Perform = (name: string, body: unknown) => Promise<unknown>;

/** What a program has said since it began; its programs say little (a line a change of state). */
export class EventHistory {
  readonly #lines: string[] = [];
  readonly #readers = new Set<(line: string) => void>();

  emit(name: string, body: unknown): void {
    const line = `${JSON.stringify({ name, body })}\n`;
    this.#lines.push(line);
    for (const read of this.#readers) read(line);
  }

  /** Everything so far at once, then each as it comes, until the returned function is called. */
  follow(read: (line: string) => void): () => void {
    for (const line of this.#lines) read(line);
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }
}

/** Resolves to the address once it listens. */
export async function serveRequests(
  perform: Perform,
  history: EventHistory,
  { host, port, token }: ControlOptions,
): Promise<{ readonly host: string; readonly port: number; close(): void }> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (!isAllowed(request.headers.authorization, token)) {
      return reply(response, 401, { error: 'expected "authorization: Bearer <control token>"' });
    }
    const { method, url = '' } = request;
    if (method === 'GET' && url === '/events') return streamEvents(response, history);
    if (method === 'POST' && url.startsWith(REQUEST)) {
      void performRequest(request, response, url.slice(REQUEST.length), perform);
      return;
    }
    reply(response, 404, { error: 'expected POST /request/<name> or GET /events' });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.on('error', () => {}); // one connection that cannot be taken does not end the program
  const address = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: address.address, port: address.port, close };
}

/** Whether an `authorization` header carries the token. */
export function isAllowed(header: string | undefined, token: string): boolean {
  return isSame(header ?? '', `Bearer ${token}`);
}

async function performRequest(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  perform: Perform,
): Promise<void> {
  let body: unknown;
  try {
    const text = await readBody(request);
    if (text === null) {
      response.setHeader('connection', 'close'); // the rest of the body is not read
      return reply(response, 413, { error: `the body is longer than ${BODY_BYTES_MAX} bytes` });
    }
    body = text === '' ? {} : (JSON.parse(text) as unknown);
  } catch (error) {
    return reply(response, 400, { error: `expected a JSON body: ${(error as Error).message}` });
  }
  await perform(name, body).then(
    (result) => reply(response, 200, { body: result }),
    (error: Error) => reply(response, 422, { error: error.message }),
  );
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function streamEvents(response: ServerResponse, history: EventHistory): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (text: string) => {
    response.write(text);
    if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
  };
  const unfollow = history.follow(write);
  const heartbeat = setInterval(write, HEARTBEAT_MS, '\n');
  response.on('close', () => {
    clearInterval(heartbeat);
    unfollow();
  });
  response.flushHeaders();
}

function reply(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
