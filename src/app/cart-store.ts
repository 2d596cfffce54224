// The carts of one Redis server. Each write is one attempt on a connection that carries nothing
// else meanwhile, since `WAIT` speaks for the writes of its own connection; every step has a time
// limit, since a stopped server answers nothing.
import type { Redis } from 'ioredis';
import { cartItem, cartKey } from '../base/cart.ts';
import { KeptConnection } from '../host/kept-connection.ts';
import { within } from '../host/clock.ts';
import { connectOnce } from '../redis/connection.ts';
import { CART_CONNECTION_PREFIX, type CartSettings, type OrderRequest } from './protocol.ts';
import { describeFailure } from './write-failure.ts';

const CONNECTIONS_MAX = 20;
/** Also the longest that a write waits for a free connection. */
const CONNECT_TIMEOUT_MS = 1_000;
const COMMAND_TIMEOUT_MS = 2_000;
const READY_LIMITS = { connect_ms: 500, command_ms: 500 };
const READY_KEY = 'drill:ready';

type CartResult =
  | { readonly done: true; readonly timeline: null; readonly warning: string | null }
  | { readonly done: false; readonly definite: boolean; readonly error: string };

export type CartStore = Awaited<ReturnType<typeof openCartStore>>;

/** Makes no connection before it needs one; survives the death and the return of the server. */
export async function openCartStore(settings: CartSettings, node: string) {
  await import('ioredis'); // it takes long to load, and no write should wait for that
  const { wait, wait_timeout_ms } = settings;
  const name = CART_CONNECTION_PREFIX + node;
  // Longer than `WAIT` may take.
  const command_ms = COMMAND_TIMEOUT_MS + wait_timeout_ms;
  const limits = { connect_ms: CONNECT_TIMEOUT_MS, command_ms };
  const connections = new Connections(() => connectOnce(settings, name, limits));
  const probe = new KeptConnection(
    async (onEnd) => (await connectOnce(settings, name, READY_LIMITS)).once('end', onEnd),
    (client) => client.disconnect(),
  );

  /** Appends one item to its writer's cart; not sent unless `isWanted` once it is connected. */
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

  /** Null when the server takes writes now, else the reason why not. */
  const whyNotReady = async (): Promise<string | null> => {
    const why = (error: unknown) => `redis: ${describeFailure(error)}`;
    const check = async (client: Redis) => {
      try {
        await client.set(READY_KEY, node);
        return null;
      } catch (error) {
        if (isReply(error)) return why(error); // the connection is as good as before
        throw error;
      }
    };
    return await probe.ask(check).catch(why);
  };
  return { append, whyNotReady };
}

function failure(definite: boolean, error: string): CartResult {
  return { done: false, definite, error };
}

function isReply(error: unknown): boolean {
  return (error as Error | undefined)?.name === 'ReplyError';
}

/**
 * At most `CONNECTIONS_MAX`, each with one write at a time; dead ones are replaced by new ones.
 * Whoever waited for a place may have to connect then: twice `CONNECT_TIMEOUT_MS` at most.
 */
class Connections {
  readonly #connect: () => Promise<Redis>;
  readonly #idle: Redis[] = [];
  /** Writes that wait for another one's end, the longest first. */
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(connect: () => Promise<Redis>) {
    this.#connect = connect;
  }

  async take(): Promise<Redis> {
    if (this.#busy < CONNECTIONS_MAX) this.#busy += 1;
    else await this.#untilFree();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.status === 'ready') return idle;
    }
    try {
      return await this.#connect();
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  put(client: Redis): void {
    this.#idle.push(client);
    this.#leave();
  }

  discard(client: Redis): void {
    client.disconnect();
    this.#leave();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  async #untilFree(): Promise<void> {
    let goOn = () => {};
    const free = new Promise<void>((resolve) => (goOn = resolve));
    this.#waiting.push(goOn);
    await within(free, CONNECT_TIMEOUT_MS, null);
    const at = this.#waiting.indexOf(goOn);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    throw new Error(`all ${CONNECTIONS_MAX} connections are busy`);
  }
}
