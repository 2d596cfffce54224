// Links: the network paths of the system, each made of one or more proxies on one proxy server.
import type { Effect, Undoable } from '../evidence/undo.ts';
import { OperationFailed } from '../host/operation-failed.ts';

/** What the proxy server did not do, in words that a user can act on. */
export class LinkError extends OperationFailed {
  /** HTTP status of the server's answer; null when there was none. */
  readonly status: number | null;

  /**
   * `asked` is e.g. `POST /proxies/east-west.postgres` or `restore link east-west`; `reason` is in
   * the server's own words, or why there was no answer.
   */
  constructor(asked: string, reason: string, status: number | null = null, cause?: unknown) {
    const answered = status === null ? '' : ` (status ${status})`;
    super(
      { what: asked, expected: 'the proxy server to do it', found: reason },
      { cause, words: `${asked}: ${reason}${answered}` },
    );
    this.name = 'LinkError';
    this.status = status;
  }
}

/** One proxy of a link: a listening address, and the address that it forwards to. */
export interface LinkProxy {
  /** Never with a `/`: the proxy API cannot address such a name. E.g. `clients-east.app-1`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly upstream: { readonly host: string; readonly port: number };
}

export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: 'upstream' | 'downstream';
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** A toxic that some of a link's proxies have, by their names; absent: all of them. */
export interface PlacedToxic extends Toxic {
  readonly on?: ((proxy: string) => boolean) | undefined;
}

/** Toxics of these names, which no other disturbance has, on a proxy server's proxies. */
export interface Toxics extends Effect {
  readonly undo: 'toxics';
  readonly url: string;
  readonly toxics: readonly string[];
}

/** Toxics on every proxy of a link, present and future, until it is undone. */
export interface Disturbance extends Undoable {
  readonly entry: Toxics;
}

/** Proxies, by their names on the proxy server, that take no connections until then. */
export interface Refused extends Effect {
  readonly undo: 'refused';
  readonly url: string;
  readonly proxies: readonly { readonly name: string; readonly upstream: string }[];
}

export interface Refusal extends Undoable {
  readonly entry: Refused;
}

/** One network path. Every call has a time limit and rejects with a `LinkError`. */
export interface Link {
  readonly name: string;
  readonly proxies: readonly LinkProxy[];
  addProxy(name: string, upstream: { host: string; port: number }): Promise<LinkProxy>;
  /** Adds the delay each way to every proxy of the link, present and future. */
  delay(latency_ms: number, jitter_ms: number): Promise<void>;
  /** What of its delay is not there any more, each in words: somebody else can reset the server. */
  lostDelay(): Promise<readonly string[]>;
  /** Refuses new connections and closes the present ones, on every proxy; twice is fine. */
  sever(): Promise<void>;
  /** Ends `sever`; resolves to what of it was not there any more, each in words. */
  restore(): Promise<readonly string[]>;
  /** On top of what else is there: the toxics get names that no others have. */
  disturb(toxics: readonly PlacedToxic[]): Disturbance;
  /**
   * Closes the present connections and refuses new ones, as `sever` does, which outranks its end: a
   * link that is cut stays so.
   */
  refuse(): Refusal;
  isSevered(): Promise<boolean>;
}

export interface Links {
  /** `toxiproxy 2.12.0` or `built-in`. */
  readonly server: string;
  readonly url: string;
  create(name: string): Link;
  get(name: string): Link;
  /** Resolves when the server answers, however late; rejects where it is gone. */
  answers(signal: AbortSignal): Promise<void>;
}
