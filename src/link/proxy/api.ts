// The HTTP API of the built-in proxy: the paths, status codes and JSON of Toxiproxy 2.12. Changes
// are made one at a time, in the order in which they came.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isSame } from '../../host/secret.ts';
import { ApiError, apiErrors, parseBody } from './body.ts';
import type { Proxies } from './proxies.ts';

/** Toxiproxy's API version; the part after `+` tells this server from the original. */
export const BUILT_IN_VERSION = '2.12.0+drill';

const BODY_MAX_BYTES = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

type Handle = (request: { parts: string[]; body: () => unknown }) => Answer | Promise<Answer>;

type Routes = Readonly<Record<string, Readonly<Record<string, Handle>>>>;

/**
 * With a token only requests whose path begins with it are answered: `/TOKEN/proxies`. Whoever
 * takes the address of a server takes one with a path too, as toxiproxy-node-client does.
 */
export function createApi(proxies: Proxies, token: string | null = null): Server {
  const routes = routesOf(proxies);
  let before: Promise<unknown> = Promise.resolve();
  // Longer than any client's idle time, so that no request meets a connection that is just being
  // closed.
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const answered = readText(request).then((text) => {
      const turn = before.then(() => answer(routes, request, text, token));
      before = turn;
      return turn;
    });
    answered.then(
      ({ status, body }) => {
        const text =
          typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
        response.writeHead(status, {
          'x-toxiproxy-request-id': randomBytes(10).toString('hex'),
          ...(typeof body === 'object' && { 'content-type': 'application/json' }),
          ...(status !== 204 && { 'content-length': Buffer.byteLength(text) }),
        });
        response.end(text);
      },
      () => response.destroy(),
    );
  });
  return server;
}

async function answer(
  routes: Routes,
  request: IncomingMessage,
  text: string,
  token: string | null,
): Promise<Answer> {
  // A page in a browser must not be able to steer the proxy.
  if (request.headers['user-agent']?.startsWith('Mozilla/')) {
    return { status: 403, body: 'User agent not allowed\n' };
  }
  const parts = (request.url ?? '/').split('?', 1)[0]!.split('/').slice(1);
  if (token !== null && !isSame(parts.shift() ?? '', token)) {
    return errorAnswer(apiErrors.stranger());
  }
  const handles = routes[shapeOf(parts)];
  if (handles === undefined) return { status: 404, body: '404 page not found\n' };
  const handle = handles[request.method ?? 'GET'];
  if (handle === undefined) return { status: 405, body: '' };
  try {
    return await handle({ parts: parts.map(decode), body: () => parseBody(text) });
  } catch (error) {
    return errorAnswer(error);
  }
}

function routesOf(proxies: Proxies): Routes {
  const updateProxy: Handle = async ({ parts: [, name = ''], body }) => {
    return { status: 200, body: await proxies.update(name, body) };
  };
  const updateToxic: Handle = ({ parts: [, name = '', , toxic = ''], body }) => {
    return { status: 200, body: proxies.get(name).toxics.update(toxic, body) };
  };
  return {
    version: { GET: () => ({ status: 200, body: { version: BUILT_IN_VERSION } }) },
    reset: { POST: () => proxies.reset().then(() => ({ status: 204 })) },
    populate: { POST: ({ body }) => populate(proxies, body) },
    proxies: {
      GET: () => ({ status: 200, body: proxies.toJson() }),
      POST: async ({ body }) => ({ status: 201, body: await proxies.create(body()) }),
    },
    'proxies/*': {
      GET: ({ parts: [, name = ''] }) => ({ status: 200, body: proxies.get(name).toJson() }),
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: ({ parts: [, name = ''] }) => {
        proxies.remove(name);
        return { status: 204 };
      },
    },
    'proxies/*/toxics': {
      GET: ({ parts: [, name = ''] }) => ({ status: 200, body: proxies.get(name).toxics.toJson() }),
      POST: ({ parts: [, name = ''], body }) => {
        const { toxics } = proxies.get(name);
        return { status: 200, body: toxics.add(body()) };
      },
    },
    'proxies/*/toxics/*': {
      GET: ({ parts: [, name = '', , toxic = ''] }) => {
        return { status: 200, body: proxies.get(name).toxics.show(toxic) };
      },
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: ({ parts: [, name = '', , toxic = ''] }) => {
        proxies.get(name).toxics.remove(toxic);
        return { status: 204 };
      },
    },
  };
}

/** Errors carry the proxies that were made before them. */
async function populate(proxies: Proxies, body: () => unknown): Promise<Answer> {
  const done = await proxies
    .populate(body)
    .catch((failure: unknown) => ({ failure, proxies: null }));
  if (done.failure === null) return { status: 201, body: { proxies: done.proxies } };
  const { status, body: error } = errorAnswer(done.failure);
  return { status, body: { ...error, proxies: done.proxies } };
}

function errorAnswer(error: unknown): { status: number; body: { error: string; status: number } } {
  const status = error instanceof ApiError ? error.status : 500;
  return { status, body: { error: (error as Error).message, status } };
}

// `proxies/*/toxics` for `/proxies/a/toxics`.
function shapeOf(parts: readonly string[]): string {
  return parts.map((part, index) => (index % 2 === 1 && part !== '' ? '*' : part)).join('/');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
