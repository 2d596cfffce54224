// How one request travels: over HTTP to the orders service, or straight to the database. A
// transport makes one attempt, never repeats it, and says what its outcome proves.
import type { ResolvedAddress } from '../gslb/resolver.ts';

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
  /** The answer or the error, for messages. */
  readonly detail: string;
}

export interface Transport {
  /**
   * Sends one request on a connection that carries nothing else meanwhile. `onReply` is called at
   * most once; the returned function gives the attempt up and discards its connection.
   */
  send(
    address: ResolvedAddress,
    request: OutgoingRequest,
    onReply: (reply: Reply) => void,
  ): () => void;
  /** Drops connections to any other address: idle ones now, the others after their reply. */
  keepOnly(addresses: ReadonlySet<string>): void;
  close(): void;
}

/** The form in which `keepOnly` names an address. */
export function addressKey({ host, port }: { host: string; port: number }): string {
  return `${host}:${port}`;
}
