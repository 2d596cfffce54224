// The orders service of one app instance: HTTP in front of one database, and of one Redis where the
// system has carts. Every answer names the node and the run; a write that was not done says whether
// that is certain.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../host/clock.ts';
import { RUN_HEADER } from '../host/http.ts';
import type { Address } from '../host/ports.ts';
import type { Stall } from '../host/stalls.ts';
import { BY_HAND, type AppSettings, type OrderReply } from './protocol.ts';
import { parseCartPath, parseOrder, parseOrderId, parseStockPath } from './order-request.ts';
import { openCartStore, type CartStore } from './cart-store.ts';
import { disturbanceOf } from './disturbance.ts';
import { openOrderStore, type OrderStore } from './order-store.ts';
import { describeFailure } from './write-failure.ts';

const BODY_BYTES_MAX = 1024 * 1024;
const BODY_TIMEOUT_MS = 10_000;
/** Longer than any pause of a client, so that no idle connection closes under a request. */
const KEEP_ALIVE_MS = 75_000;
const ORDER_PATH = '/orders/';
const BYTES_PATH = '/bytes/';
const BYTES_MAX = 32 * 1024 * 1024;
/** The share of a second's requests that may come at once. */
const BURST_S = 0.25;

type Answer = { readonly status: number; readonly body: Omit<OrderReply, 'node'> & object };

/**
 * Starts the service where the settings say, for the run `run` (null: nobody's). `/healthz` answers
 * with the times at which it stood still.
 */
export async function startOrdersService(
  settings: AppSettings,
  run: string | null,
  clock: Clock,
  stalls: () => readonly Stall[] = () => [],
): Promise<Address> {
  const store = openOrderStore(settings);
  const { redis = null, node } = settings;
  const carts = redis === null ? null : await openCartStore(redis, node);
  const readiness = readinessOf(store, carts);
  const takeToken = tokenBucket(settings.capacity_per_s);
  const disturbance = disturbanceOf(settings.database.password);
  const own = { store, carts, readiness, takeToken, disturbance, clock, run, stalls };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (run !== null) response.setHeader(RUN_HEADER, run);
    answerTo(request, response, own).then(
      (answer) => send(response, settings.node, answer),
      (error: unknown) => {
        const body = { error: describeFailure(error), definite: false };
        send(response, settings.node, { status: 500, body });
      },
    );
  });
  server.requestTimeout = BODY_TIMEOUT_MS;
  server.headersTimeout = BODY_TIMEOUT_MS;
  server.on('clientError', (_error, socket) => socket.destroy());
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    const { host, port } = settings.listen ?? { host: '127.0.0.1', port: 0 };
    server.listen({ host, port, backlog: 1024 }, () => {
      const { address, port } = server.address() as AddressInfo;
      resolve({ host: address, port });
    });
  });
}

interface Parts {
  readonly store: OrderStore;
  readonly carts: CartStore | null;
  readonly readiness: () => Promise<Answer>;
  readonly takeToken: TakeToken;
  readonly disturbance: ReturnType<typeof disturbanceOf>;
  readonly clock: Clock;
  readonly run: string | null;
  readonly stalls: () => readonly Stall[];
}

async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<Answer> {
  const { method, url = '' } = request;
  if (method === 'GET' && url === '/healthz') {
    return { status: 200, body: { stalls: parts.stalls() } };
  }
  if (method === 'POST' && url.startsWith(BYTES_PATH)) return await carry(request, url);
  if (method === 'GET' && url === '/readyz') return await parts.readiness();
  const controlled = await parts.disturbance.control(request, async () => {
    return (await readBody(request)) ?? '';
  });
  if (controlled !== null) return controlled;
  if (!(await parts.disturbance.admit())) return refuse(500, 'an error on purpose');
  const isOrder = method === 'POST' && url === '/orders';
  const isLookup = method === 'GET' && url.startsWith(ORDER_PATH);
  const cart = method === 'POST' && parts.carts !== null ? parseCartPath(url) : null;
  const stock = method === 'POST' ? parseStockPath(url) : null;
  if (!isOrder && !isLookup && cart === null && stock === null) {
    const cartsToo = parts.carts === null ? '' : 'POST /carts/<writer>/items, ';
    return refuse(
      404,
      `expected POST /orders, GET /orders/<writer>-<sequence>, ${cartsToo}POST /stock/<key>, ` +
        '/healthz or /readyz',
    );
  }
  const stranger = strangerTo(parts.run, request.headers[RUN_HEADER]);
  if (stranger !== null) return refuse(421, stranger);
  if (!parts.takeToken(parts.clock.now())) return refuse(503, 'over capacity');
  if (isLookup) return await lookUp(url.slice(ORDER_PATH.length), parts.store);
  return await write(request, response, parts, { cart, stock });
}

/**
 * Why the request is none of this run's; null: it is. The port may have been another run's, whose
 * clients do not know that its instance is gone; and what nobody sent for this run must not be
 * counted in it, nor take of its capacity.
 */
function strangerTo(run: string | null, meant: string | string[] | undefined): string | null {
  if (run === null || meant === run || (run === BY_HAND && meant === undefined)) return null;
  const found = meant === undefined ? 'none' : String(meant);
  const expected = `expected the header ${RUN_HEADER}: ${run}`;
  return `this is an instance of the run ${run}: ${expected}, found ${found}`;
}

/**
 * Places the order in the body or, with a cart's writer, appends it to that cart or, with the key
 * of a shared row, its id to that row's history.
 */
async function write(
  request: IncomingMessage,
  response: ServerResponse,
  { store, carts }: Parts,
  { cart, stock }: { readonly cart: number | null; readonly stock: number | null },
): Promise<Answer> {
  const text = await readBody(request);
  if (text === null) return refuse(413, `the body is longer than ${BODY_BYTES_MAX} bytes`);
  const order = parseOrder(text);
  if ('problem' in order) return refuse(400, order.problem);
  const { writer } = order.value;
  if (cart !== null && cart !== writer) {
    return refuse(400, `cart ${cart} belongs to writer ${cart}, not to ${writer}`);
  }
  const isWanted = () => !response.destroyed;
  const result =
    stock !== null
      ? await store.update(stock, order.value, isWanted)
      : cart === null
        ? await store.insert(order.value, isWanted)
        : await carts!.append(order.value, isWanted);
  if (!result.done) {
    const { error, definite } = result;
    const isMissing = 'isMissing' in result && result.isMissing === true;
    return { status: isMissing ? 404 : 503, body: { error, definite } };
  }
  const { timeline, warning } = result;
  const body = timeline === null ? {} : { timeline };
  return warning === null ? { status: 201, body } : { status: 202, body: { ...body, warning } };
}

async function lookUp(id: string, store: OrderStore): Promise<Answer> {
  const parsed = parseOrderId(id);
  if ('problem' in parsed) return refuse(400, parsed.problem);
  try {
    const order = await store.find(parsed.value);
    if (order === null) return refuse(404, `there is no order ${id}`);
    const { timeline, ...row } = order;
    return { status: 200, body: timeline === null ? row : { ...row, timeline } };
  } catch (error) {
    return refuse(503, describeFailure(error));
  }
}

/** Checks that come while one is under way share its result. */
function readinessOf(store: OrderStore, carts: CartStore | null): () => Promise<Answer> {
  const check = async (): Promise<Answer> => {
    const reasons = await Promise.all([store.whyNotReady(), carts?.whyNotReady() ?? null]);
    const reason = reasons.find((each) => each !== null) ?? null;
    return reason === null ? { status: 200, body: {} } : refuse(503, reason);
  };
  let underWay: Promise<Answer> | null = null;
  return () => (underWay ??= check().finally(() => (underWay = null)));
}

/** Takes one token at `now_ms`; false when none is left. */
type TakeToken = (now_ms: number) => boolean;
/** A stated capacity: a bucket that starts full and holds a quarter of a second, at least one. */
export function tokenBucket(capacity_per_s: number): TakeToken {
  const most = Math.max(1, capacity_per_s * BURST_S);
  let tokens = most;
  let last_ms: number | null = null;
  return (now_ms) => {
    const passed_ms = last_ms === null ? 0 : Math.max(0, now_ms - last_ms);
    tokens = Math.min(most, tokens + (passed_ms * capacity_per_s) / 1000);
    last_ms = now_ms;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Takes whatever comes and answers with so many bytes: what a way carries is measured so. */
async function carry(request: IncomingMessage, url: string): Promise<Answer> {
  for await (const _ of request);
  const bytes = Number(url.slice(BYTES_PATH.length));
  if (!(bytes >= 0 && bytes <= BYTES_MAX)) return refuse(400, `expected up to ${BYTES_MAX} bytes`);
  return { status: 200, body: { filler: 'x'.repeat(bytes) } };
}

/** An answer after which nothing was written, for certain. */
function refuse(status: number, error: string): Answer {
  return { status, body: { error, definite: true } };
}

/** The body as text; null when it is too long (the rest of it is not read). */
function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) {
        request.pause();
        resolve(null);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

function send(response: ServerResponse, node: string, { status, body }: Answer): void {
  if (response.destroyed) return;
  const text = JSON.stringify({ node, ...body });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // What is left of a body that was too long must not be taken for the next request.
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(text);
}
