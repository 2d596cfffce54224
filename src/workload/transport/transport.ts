// How one request travels: over HTTP to the orders service, or straight to the database. A
// transport makes one attempt, never repeats it, and says what its outcome proves.
import type { ResolvedAddress } from '../../gslb/resolver.ts';

export interface OutgoingRequest {
  readonly isRead: boolean;
  readonly writer: number;
  /** The sequence of the row that is written or read. */
  readonly sequence: number;
  /** The payload of the row that is written, or that it must hold when it is read. */
  readonly payload: string;
  /** The key of the shared row that is changed; left out: an order or an item of a cart. */
  readonly stock?: number;
}

export interface Reply {
  /** A number of `OUTCOME`; never `unsent`. */
  readonly outcome: number;
  /** The node that answered; null when none did or it did not say. */
  readonly node: string | null;
  /** 0 when the reply did not say. */
  readonly timeline: number;
  /** The reply to a read lacked the row, or its payload was another. */
  readonly isWrongRead: boolean;
  /** Done, as the answer says, with a warning: no standby is known to have it. */
  readonly isUnprotected?: boolean;
  /** The answer or the error, for messages. */
  readonly detail: string;
}

export interface Transport {
  /**
   * Sends one request on a connection that carries nothing else meanwhile. `onReply` is called at
   * most once; the returned function gives the attempt up and discards its connection. It says
   * whether the request may have left.
   */
  send(
    address: ResolvedAddress,
    request: OutgoingRequest,
    onReply: (reply: Reply) => void,
  ): () => boolean;
  /** Drops connections to any other address: idle ones now, the others after their reply. */
  keepOnly(addresses: ReadonlySet<string>): void;
  close(): void;
}

/** One of which nothing but the outcome is known: nobody sent it, or it names no server. */
export function bareReply(outcome: number, detail: string): Reply {
  return { outcome, node: null, timeline: 0, isWrongRead: false, detail };
}

/** The form in which `keepOnly` names an address. */
export function addressKey({ host, port }: { host: string; port: number }): string {
  return `${host}:${port}`;
}

export interface Asked<C> {
  readonly connection: C;
  readonly address: ResolvedAddress;
  readonly request: OutgoingRequest;
  /** Takes the reply, once; whether the connection may carry another request. */
  readonly settle: (reply: Reply, isReusable: boolean) => void;
  /** Whether the request was given up, or has its reply. */
  readonly isOver: () => boolean;
}

export interface Wire<C> {
  /** `onEnd` is to be called when the connection ends by itself. */
  readonly connect: (address: ResolvedAddress, onEnd: () => void) => C;
  /** Ends a connection at once. */
  readonly end: (connection: C) => void;
  /** Sends the request; its connection carries nothing else until it is settled. */
  readonly ask: (asked: Asked<C>) => void;
  /** Whether any request can have left on the connection. */
  readonly mayHaveSent: (connection: C) => boolean;
}

/**
 * Of the connections that carry nothing the last one used is used next, so that a steady load runs
 * on few of them and a burst after an outage does not keep hundreds warm.
 */
export function transportOver<C>({ connect, end, ask, mayHaveSent }: Wire<C>): Transport {
  const open = new Set<C>();
  const idle = new Map<string, C[]>();
  let kept: ReadonlySet<string> | null = null;

  const discard = (connection: C): void => {
    if (open.delete(connection)) end(connection);
  };
  const begin = (address: ResolvedAddress): C => {
    const connection = connect(address, () => discard(connection));
    open.add(connection);
    return connection;
  };
  const takeIdle = (key: string): C | undefined => {
    let connection = idle.get(key)?.pop();
    while (connection !== undefined && !open.has(connection)) connection = idle.get(key)?.pop();
    return connection;
  };
  const putBack = (key: string, connection: C): void => {
    if (kept !== null && !kept.has(key)) return discard(connection);
    const others = idle.get(key);
    if (others === undefined) idle.set(key, [connection]);
    else others.push(connection);
  };

  return {
    send(address, request, onReply) {
      const key = addressKey(address);
      const connection = takeIdle(key) ?? begin(address);
      let isOver = false;
      const settle = (reply: Reply, isReusable: boolean) => {
        if (isOver) return;
        isOver = true;
        if (isReusable && open.has(connection)) putBack(key, connection);
        else discard(connection);
        onReply(reply);
      };
      ask({ connection, address, request, settle, isOver: () => isOver });
      return () => {
        const mayHaveLeft = mayHaveSent(connection);
        if (isOver) return mayHaveLeft;
        isOver = true;
        discard(connection);
        return mayHaveLeft;
      };
    },
    keepOnly(addresses) {
      kept = addresses;
      for (const [key, connections] of idle) {
        if (addresses.has(key)) continue;
        connections.forEach(discard);
        idle.delete(key);
      }
    },
    close() {
      for (const connection of open) discard(connection);
    },
  };
}
