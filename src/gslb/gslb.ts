// The global load balancer: checks the app endpoints of every region and answers, over DNS, with
// the healthy ones of the best serving region, or of all of them. When none is healthy it keeps its
// last answer.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Clock } from '../host/clock.ts';
import type { Address } from '../host/ports.ts';
import { replyTo, type AnsweredEndpoints } from './dns-message.ts';
import { weighted } from './weights.ts';
import { checkHealth, regionHealth } from './region-health.ts';
import type {
  GslbAnswerEvent,
  GslbEndpoint,
  GslbRegionEvent,
  GslbSettings,
  GslbState,
  GslbWithheldEvent,
} from './protocol.ts';

export interface GslbEvents {
  'region.down': GslbRegionEvent;
  'region.up': GslbRegionEvent;
  'answer.changed': GslbAnswerEvent;
  'answer.withheld': GslbWithheldEvent;
}
export type EmitGslb = <N extends keyof GslbEvents>(name: N, body: GslbEvents[N]) => void;

/** What is to be answered, and the regions in it. */
interface Answers extends AnsweredEndpoints {
  readonly regions: readonly string[];
}

/** A running load balancer; `close` ends its checks and its socket. */
export class GlobalLoadBalancer {
  readonly #settings: GslbSettings;
  readonly #clock: Clock;
  readonly #emit: EmitGslb;
  readonly #socket: Socket;
  readonly #health;
  readonly #endpoints: GslbEndpoint[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #serving: readonly string[];
  #answers: Answers = { orders: [], postgres: [], regions: [], serial: 0 };
  /** What clients get instead, from when it was said on; null: nothing is held. */
  #held: Answers | null = null;
  /** The nodes of the last answer that was withheld. */
  #withheld = '';
  /** The answered regions of the last reply that clients got. */
  #announced: readonly string[] = [];

  constructor(settings: GslbSettings, clock: Clock, emit: EmitGslb) {
    this.#settings = settings;
    this.#clock = clock;
    this.#emit = emit;
    this.#serving = settings.serving;
    this.#health = regionHealth(settings.failures);
    this.#socket = createSocket('udp4');
    this.#socket.on('error', () => {}); // a client that is gone; the next datagram is served
    this.#socket.on('message', (datagram, client) => this.#reply(datagram, client));
  }

  /** Listens and begins to check. */
  async start(): Promise<Address> {
    const { endpoints, listen = { host: '127.0.0.1', port: 0 } } = this.#settings;
    for (const endpoint of endpoints) this.add(endpoint);
    this.#socket.bind(listen.port, listen.host);
    await once(this.#socket, 'listening');
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  /** Knows one more endpoint (or a new address of a known one) and checks it at once. */
  add(endpoint: GslbEndpoint): void {
    if (isIP(endpoint.host) === 0) {
      throw new Error(`${endpoint.node}: expected an IP address as host, got "${endpoint.host}"`);
    }
    const known = this.#endpoints.findIndex((other) => other.node === endpoint.node);
    if (known >= 0) this.#endpoints.splice(known, 1);
    this.#endpoints.push(endpoint);
    if (endpoint.service === 'postgres') return this.#decide();
    this.#health.add(endpoint);
    clearInterval(this.#timers.get(endpoint.node));
    const timer = setInterval(() => void this.#check(endpoint), this.#settings.every_ms);
    this.#timers.set(endpoint.node, timer);
    void this.#check(endpoint);
  }

  /**
   * From now on only these regions are answered, best first. One that is not known to be healthy is
   * checked at once; resolves with what is answered then.
   */
  async serve(regions: readonly string[]): Promise<{ answered: readonly string[] }> {
    this.#serving = regions;
    this.#decide();
    if (this.#isAnswered(regions)) return { answered: this.#answers.regions };
    const checked = this.#endpoints.filter(
      (endpoint) => endpoint.service === 'orders' && regions.includes(endpoint.region),
    );
    await Promise.all(checked.map((endpoint) => this.#check(endpoint)));
    return { answered: this.#answers.regions };
  }

  /** As resolvers that go on answering what they were told; replies with whether it was so. */
  hold(on: boolean): { readonly before: boolean } {
    const before = this.#held !== null;
    this.#held = on ? (this.#held ?? this.#answers) : null;
    this.#withheld = '';
    return { before };
  }

  /** Whether the answer has no other regions, and all of these that it could have. */
  #isAnswered(regions: readonly string[]): boolean {
    const { regions: answered } = this.#answers;
    const isTheirs = answered.every((region) => regions.includes(region));
    return isTheirs && (this.#settings.mode !== 'all' || answered.length === regions.length);
  }

  state(): GslbState {
    const names = [...new Set(this.#endpoints.map((endpoint) => endpoint.region))];
    const regions = Object.fromEntries(
      names.map((name) => {
        const healthy = this.#health.isHealthy(name);
        return [name, { healthy, nodes: this.#health.nodesOf(name) }];
      }),
    );
    const { regions: answered, serial } = this.#answers;
    return { regions, answered, serial, isHeld: this.#held !== null };
  }

  close(): void {
    for (const timer of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
    this.#socket.close();
  }

  /** Checks may overlap when the timeout is longer: detection is never later than stated. */
  async #check(endpoint: GslbEndpoint): Promise<void> {
    const started_ms = this.#clock.now();
    const { run, timeout_ms } = this.#settings;
    const reason = await checkHealth(endpoint, run, timeout_ms);
    if (!this.#endpoints.includes(endpoint) || !this.#timers.has(endpoint.node)) return;
    const change = this.#health.take(endpoint, { started_ms, reason });
    this.#decide();
    if (change === null) return;
    const { region, detail } = change;
    this.#emit(change.isUp ? 'region.up' : 'region.down', {
      region,
      at_ms: this.#clock.now(),
      detail,
    });
  }

  #decide(): void {
    const { mode, weights = {} } = this.#settings;
    const serial = this.#answers.serial + 1;
    this.#answers = { ...this.#answers, serial };
    const healthy = this.#serving.filter((region) => this.#health.isHealthy(region));
    if (healthy.length === 0) return;
    const regions = mode === 'all' ? healthy : healthy.slice(0, 1);
    const there = this.#endpoints.filter(({ region }) => regions.includes(region));
    const up = there.filter(({ service, node }) => service === 'orders' && this.#health.isUp(node));
    const databases = there.filter(({ service }) => service === 'postgres');
    const [orders, postgres] = [weighted(up, weights), weighted(databases, weights)];
    this.#answers = { orders, postgres, regions, serial };
  }

  #reply(datagram: Buffer, client: { readonly port: number; readonly address: string }): void {
    const { ttl_s } = this.#settings;
    const answers = this.#held ?? this.#answers;
    const reply = replyTo(datagram, answers, ttl_s);
    if (reply === null) return;
    this.#socket.send(reply.bytes, client.port, client.address, () => {});
    if (reply.nodes.length === 0) return;
    if (this.#held !== null) {
      this.#tellWithheld(reply.nodes, replyTo(datagram, this.#answers, ttl_s)?.nodes ?? []);
    }
    const { regions } = answers;
    const hasChanged = this.#announced.join() !== regions.join();
    const isFirst = this.#announced.length === 0;
    this.#announced = regions;
    if (!hasChanged || isFirst) return;
    this.#emit('answer.changed', { regions, at_ms: this.#clock.now() });
  }

  /** Once for each answer that clients should have got instead. */
  #tellWithheld(told: readonly string[], due: readonly string[]): void {
    if (told.join() === due.join() || due.join() === this.#withheld) return;
    this.#withheld = due.join();
    this.#emit('answer.withheld', { told, due, at_ms: this.#clock.now() });
  }
}
