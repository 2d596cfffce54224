// The carts of one Redis server. Each write is one attempt on a connection that carries nothing
// else meanwhile, since `WAIT` speaks for the writes of its own connection; every step has a time
// limit, since a stopped server answers nothing.
import { Redis } from 'ioredis';
import { cartItem, cartKey } from '../base/cart.ts';
import { within, type Clock } from '../host/clock.ts';
import { CART_CONNECTION_PREFIX, type AppSettings, type OrderRequest } from './protocol.ts';
import { describeFailure } from './write-failure.ts';

const CONNECTIONS_MAX = 20;
/** Also the longest that a write waits for a free connection. */
const CONNECT_TIMEOUT_MS = 1_000;
const COMMAND_TIMEOUT_MS = 2_000;
const READY_TIMEOUT_MS = 500;
const READY_KEY = 'drill:ready';

type CartSettings = NonNullable<AppSettings['redis']>;

type CartResult =
  | { readonly done: true; readonly timeline: null; readonly warning: string | null }
  | { readonly done: false; readonly definite: boolean; readonly error: string };

export interface CartStore {
  /** Appends one item to its writer's cart; not sent unless `isWanted` once it is connected. */
  append(item: OrderRequest, isWanted: () => boolean): Promise<CartResult>;
  /** Null when the server takes writes now, else the reason why not. */
  whyNotReady(): Promise<string | null>;
}

/** Makes no connection before it needs one; survives the death and the return of the server. */
export function openCartStore(settings: CartSettings, node: string, clock: Clock): CartStore {
  const connections = new Connections(settings, node, clock);
  const probe = readinessProbe(settings, node);
  const append = async (item: OrderRequest, isWanted: () => boolean): Promise<CartResult> => {
    let client: Redis;
    try {
      client = await connections.take();
    } catch (error) {
      return failure(true, `no redis connection: ${describeFailure(error)}`);
    }
    if (!isWanted()) {
      connections.put(client);
      return failure(true, 'the client left before the item was sent');
    }
    const { writer, sequence, payload } = item;
    try {
      await client.rpush(cartKey(writer), cartItem(sequence, payload));
    } catch (error) {
      // An error that the server replies is its word that it did nothing; all else proves nothing.
      const isDefinite = isReply(error);
      if (isDefinite) connections.put(client);
      else connections.discard(client);
      return failure(isDefinite, describeFailure(error));
    }
    return { done: true, timeline: null, warning: await waitForReplicas(client) };
  };

  /** The item is in the server's memory by now: whatever comes, this is no refusal. */
  const waitForReplicas = async (client: Redis): Promise<string | null> => {
    const { wait, wait_timeout_ms } = settings;
    try {
      const replicas = wait === 0 ? 0 : await client.wait(wait, wait_timeout_ms);
      connections.put(client);
      if (replicas >= wait) return null;
      return `${replicas} of ${wait} replicas had it within ${wait_timeout_ms} ms`;
    } catch (error) {
      connections.discard(client);
      return `nobody knows how many replicas have it: ${describeFailure(error)}`;
    }
  };
  return { append, whyNotReady: probe };
}

function failure(definite: boolean, error: string): CartResult {
  return { done: false, definite, error };
}

function isReply(error: unknown): boolean {
  return (error as Error | undefined)?.name === 'ReplyError';
}

interface Waiting {
  readonly until_ms: number;
  give(client: Redis): void;
}

/** At most `CONNECTIONS_MAX`, each with one write at a time; dead ones are replaced by new ones. */
class Connections {
  readonly #settings: CartSettings;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #idle: Redis[] = [];
  readonly #waiting: Waiting[] = [];
  #open = 0;

  constructor(settings: CartSettings, node: string, clock: Clock) {
    this.#settings = settings;
    this.#node = node;
    this.#clock = clock;
  }

  async take(): Promise<Redis> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.status === 'ready') return idle;
      this.#open -= 1;
    }
    if (this.#open >= CONNECTIONS_MAX) return await this.#untilFree();
    this.#open += 1;
    try {
      return await connectOnce(this.#settings, this.#node, CONNECT_TIMEOUT_MS, this.#limit());
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  put(client: Redis): void {
    if (client.status !== 'ready') return this.discard(client);
    const next = this.#nextWaiting();
    if (next === undefined) this.#idle.push(client);
    else next.give(client);
  }

  discard(client: Redis): void {
    client.disconnect();
    this.#leave();
  }

  /** Longer than `WAIT` may take. */
  #limit(): number {
    return COMMAND_TIMEOUT_MS + this.#settings.wait_timeout_ms;
  }

  /** A place is free: whoever waits the longest makes a connection of its own. */
  #leave(): void {
    this.#open -= 1;
    const next = this.#nextWaiting();
    if (next === undefined) return;
    this.take().then(
      (client) => next.give(client),
      () => {}, // it goes on waiting, to its own limit
    );
  }

  #nextWaiting(): Waiting | undefined {
    const now = this.#clock.now();
    let next = this.#waiting.shift();
    while (next !== undefined && next.until_ms <= now) next = this.#waiting.shift();
    return next;
  }

  async #untilFree(): Promise<Redis> {
    const until_ms = this.#clock.now() + CONNECT_TIMEOUT_MS;
    let isLate = false;
    const given = new Promise<Redis>((resolve) => {
      const give = (client: Redis) => (isLate ? this.put(client) : resolve(client));
      this.#waiting.push({ until_ms, give });
    });
    const client = await within(given, CONNECT_TIMEOUT_MS, null);
    if (client !== null) return client;
    isLate = true;
    throw new Error(`all ${CONNECTIONS_MAX} connections are busy`);
  }
}

/** Checks on one kept connection; checks that come while one is under way share its result. */
function readinessProbe(settings: CartSettings, node: string): () => Promise<string | null> {
  let client: Redis | null = null;
  let underWay: Promise<string | null> | null = null;

  const check = async (): Promise<string | null> => {
    try {
      if (client?.status !== 'ready') {
        client = await connectOnce(settings, node, READY_TIMEOUT_MS, READY_TIMEOUT_MS);
      }
      await client.set(READY_KEY, node);
      return null;
    } catch (error) {
      if (!isReply(error)) {
        client?.disconnect();
        client = null;
      }
      return `redis: ${describeFailure(error)}`;
    }
  };
  return () => {
    underWay ??= check().finally(() => (underWay = null));
    return underWay;
  };
}

/** Nothing is queued, repeated or reconnected behind the back of whoever sends. */
async function connectOnce(
  { host, port, password }: CartSettings,
  node: string,
  connect_ms: number,
  command_ms: number,
): Promise<Redis> {
  const client = new Redis({
    host,
    port,
    password,
    protocol: 2,
    lazyConnect: true,
    connectionName: CART_CONNECTION_PREFIX + node,
    disableClientInfo: true,
    connectTimeout: connect_ms,
    commandTimeout: command_ms,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
  });
  let reason: Error | null = null;
  client.on('error', (error: Error) => (reason ??= error)); // what is in flight rejects with it
  try {
    const isOpen = await within(
      client.connect().then(() => true),
      connect_ms,
      false,
    );
    if (isOpen) return client;
    throw new Error(`no answer within ${connect_ms} ms`);
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
