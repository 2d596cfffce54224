// What the engine and the GSLB program say to each other over the program channel.
import type { Address } from '../host/ports.ts';

/** The name that clients ask for (SRV records over UDP). */
export const ORDERS_SERVICE = '_orders._tcp.drill.test';
export const DATABASE_SERVICE = '_postgres._tcp.drill.test';
/** What its names are in; the serial of its SOA record grows with each look at what to answer. */
export const ZONE = 'drill.test';

/** An address that can be in an answer; apps are checked at `/readyz` through their edge link. */
export interface GslbEndpoint {
  /** `east/app-1`, `east/postgres`. */
  readonly node: string;
  readonly region: string;
  readonly service: 'orders' | 'postgres';
  /** What clients are answered. */
  readonly host: string;
  readonly port: number;
  /** The same edge link as the GSLB reaches it, where that is another address (in a container). */
  readonly check?: { readonly host: string; readonly port: number };
}

/** Body of the request `start`; the reply is the `Address` where it answers. */
export interface GslbSettings {
  readonly origin_ms: number;
  /** The run's id: an endpoint that answers for another run is not healthy. */
  readonly run: string;
  readonly every_ms: number;
  readonly timeout_ms: number;
  readonly failures: number;
  readonly ttl_s: number;
  readonly endpoints: readonly GslbEndpoint[];
  /** Regions that may be in an answer, best first: the standby is not one before the redirect. */
  readonly serving: readonly string[];
  /** Which of the healthy serving regions are answered: the best one alone (default), or all. */
  readonly mode?: 'best' | 'all';
  /** Each region's share of the clients; 1 where a region is left out. Whole numbers, 1 to 100. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Where it answers; a free port of loopback when left out. */
  readonly listen?: Address;
}

/*
 * Further requests: `stop` (forgets everything; `start` may follow), `serve` { serving: string[] }
 * (checks the new region at once, replies with what is now answered), `endpoint.add` GslbEndpoint,
 * `hold` { on: boolean } (whoever asks gets what was answered when it came on), `state` →
 * GslbState. Events: `region.down` GslbRegionEvent, `region.up` GslbRegionEvent, `answer.changed`
 * GslbAnswerEvent, `answer.withheld` GslbWithheldEvent.
 */
export interface GslbRegionEvent {
  readonly region: string;
  readonly at_ms: number;
  readonly detail: string;
}

/** The first reply sent to a client after the set of answered regions changed. */
export interface GslbAnswerEvent {
  readonly regions: readonly string[];
  readonly at_ms: number;
}

/** The first reply to a client that was another one than it would have been without the hold. */
export interface GslbWithheldEvent {
  /** The nodes in that reply, and those that would have been. */
  readonly told: readonly string[];
  readonly due: readonly string[];
  readonly at_ms: number;
}

/** What it knows and would answer; clients are told it unless the answers are held. */
export interface GslbState {
  readonly regions: Readonly<
    Record<string, { readonly healthy: boolean; readonly nodes: Readonly<Record<string, boolean>> }>
  >;
  readonly answered: readonly string[];
  readonly serial: number;
  readonly isHeld: boolean;
}
