// An orders service without a database that fails and lies when it is told to. It knows the truth:
// when it changed its behaviour, what it was asked and what it stored.
//
//   const service = await startKnownService({ clock });
//   const gslb = await startKnownBalancer([service], clock);
//   await service.behave({ kind: 'refuse' });
//   … run a workload against `gslb.address` …
//   service.switches, service.requests, service.stored
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../host/clock.ts';
import { RUN_HEADER } from '../../host/http.ts';

/** How requests are met from a switch on. */
export type Behaviour =
  | { readonly kind: 'serve' }
  /** The listener is closed and every connection reset: new ones are refused. */
  | { readonly kind: 'refuse' }
  /** Requests are taken and never answered, not even after the next switch; nothing is stored. */
  | { readonly kind: 'hang' }
  /** Stored at once, answered `by_ms` later. */
  | { readonly kind: 'late'; readonly by_ms: number }
  /** Every second request is served, the others hang. */
  | { readonly kind: 'half' }
  /** So many requests are served, the next ones hang, and those after them are served. */
  | { readonly kind: 'miss'; readonly after: number; readonly count: number }
  /** 503, definite. */
  | { readonly kind: 'decline' }
  /** 500 without a word on whether it happened (it did not). */
  | { readonly kind: 'fail' }
  /** Stored, and answered 202 with a warning. */
  | { readonly kind: 'warn' }
  /** The connection is reset instead of an answer; nothing is stored. */
  | { readonly kind: 'reset' };

/** What the service does wrong to every n-th order that it takes, for good. */
export interface Lie {
  readonly kind: 'drop' | 'store-twice' | 'alter' | 'keep-refused';
  readonly every: number;
}

export interface KnownRow {
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
  /** The shared row that was changed; none: an order. */
  readonly stock?: number;
}

export interface KnownRequest {
  readonly isRead: boolean;
  readonly writer: number;
  readonly sequence: number;
  /** When it was read whole, on the clock that the service was given. */
  readonly at_ms: number;
  /** The status it was answered with; null when it was not. */
  status: number | null;
}

export interface Switch {
  readonly behave: Behaviour;
  /**
   * From then on new requests are met so: taken after the listener was opened, or before it was
   * closed.
   */
  readonly at_ms: number;
}

export interface KnownServiceOptions {
  readonly clock: Clock;
  /** `east/app-1` when left out. */
  readonly node?: string;
  readonly lie?: Lie;
  /** Whose service it is; `test` when left out. Orders and reads for another run get a 421. */
  readonly run?: string;
  /** Named in replies; 1 when left out. */
  readonly timeline?: number;
}

/** A running service; `close` ends it with all its connections. */
export class KnownService {
  readonly node: string;
  readonly run: string;
  readonly host = '127.0.0.1';
  port = 0;
  readonly stored: KnownRow[] = [];
  /** The orders that it lied about. */
  readonly harmed: Pick<KnownRow, 'writer' | 'sequence'>[] = [];
  readonly requests: KnownRequest[] = [];
  readonly switches: Switch[] = [];
  /** Readiness checks that were met. */
  checks = 0;
  /** So many of the next ones are never answered, though the service is well. */
  checksToLose = 0;
  readonly #clock: Clock;
  readonly #lie: Lie | null;
  readonly #timeline: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  #behaviour: Behaviour = { kind: 'serve' };
  /** Requests taken before the last switch. */
  #before = 0;
  #taken = 0;

  constructor({
    clock,
    node = 'east/app-1',
    lie,
    timeline = 1,
    run = 'test',
  }: KnownServiceOptions) {
    this.node = node;
    setMaxListeners(0, this.#closing.signal); // one for each answer that is still to come
    this.run = run;
    this.#clock = clock;
    this.#lie = lie ?? null;
    this.#timeline = timeline;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      response.setHeader(RUN_HEADER, this.run);
      void this.#take(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Open connections at the moment. */
  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.host, port: this.port, backlog: 1024 }, resolve);
    });
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Switches now, and resolves once it is so. */
  async behave(behave: Behaviour): Promise<void> {
    if (behave.kind === 'refuse') {
      this.switches.push({ behave, at_ms: this.#clock.now() });
      this.#behaviour = behave;
      this.#server.close();
      for (const socket of this.#sockets) socket.resetAndDestroy();
      return;
    }
    this.#behaviour = behave;
    this.#before = this.requests.length;
    if (!this.#server.listening) await this.listen();
    this.switches.push({ behave, at_ms: this.#clock.now() });
  }

  /** Switches at these times of the clock; `switches` tells when it really happened. */
  plan(steps: readonly { readonly at_ms: number; readonly behave: Behaviour }[]): void {
    for (const { at_ms, behave } of steps) {
      this.#after(at_ms - this.#clock.now(), () => void this.behave(behave));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Not once it is closed. */
  #after(ms: number, what: () => void): void {
    this.#clock.sleep(ms, this.#closing.signal).then(what, () => {});
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (url === '/readyz') return this.#answerReadiness(response);
    if (url === '/healthz') return void response.end('{}');
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away
    }
    const meant = request.headers[RUN_HEADER] ?? this.run;
    if (meant !== this.run) {
      response.writeHead(421).end(JSON.stringify({ node: this.node, definite: true }));
      return;
    }
    if (method === 'GET') return this.#read(url, response);
    const sent = JSON.parse(Buffer.concat(chunks).toString('utf8')) as KnownRow;
    const stock = /^\/stock\/(\d+)$/.exec(url)?.[1];
    const row = stock === undefined ? sent : { ...sent, stock: Number(stock) };
    const entry = this.#log(false, row);
    const { kind } = this.#behaviour;
    if (this.#isHanging(entry)) return;
    if (kind === 'reset') return void request.socket.resetAndDestroy();
    if (kind === 'decline') return this.#answer(response, entry, 503, { definite: true });
    if (kind === 'fail') return this.#answer(response, entry, 500, {});
    const isRefused = this.#store(row);
    const answer = () => {
      const timeline = this.#timeline;
      if (isRefused) this.#answer(response, entry, 503, { definite: true });
      else if (kind === 'warn') this.#answer(response, entry, 202, { timeline, warning: 'warned' });
      else this.#answer(response, entry, 201, { timeline });
    };
    if (this.#behaviour.kind !== 'late') return answer();
    this.#after(this.#behaviour.by_ms, answer);
  }

  #read(url: string, response: ServerResponse): void {
    const [writer, sequence] = url.slice('/orders/'.length).split('-').map(Number);
    const entry = this.#log(true, { writer: writer!, sequence: sequence! });
    if (this.#isHanging(entry)) return;
    const row = this.stored.find((one) => one.writer === writer && one.sequence === sequence);
    if (row === undefined) this.#answer(response, entry, 404, { definite: true });
    else this.#answer(response, entry, 200, row);
  }

  #log(isRead: boolean, { writer, sequence }: Omit<KnownRow, 'payload'>): KnownRequest {
    const entry = { isRead, writer, sequence, at_ms: this.#clock.now(), status: null };
    this.requests.push(entry);
    return entry;
  }

  #isHanging(entry: KnownRequest): boolean {
    const behaviour = this.#behaviour;
    const at = this.requests.indexOf(entry);
    if (behaviour.kind === 'half') return at % 2 === 0;
    if (behaviour.kind !== 'miss') return behaviour.kind === 'hang';
    const first = this.#before + behaviour.after;
    return at >= first && at < first + behaviour.count;
  }

  /** True when the order is to be refused although it was stored. */
  #store(row: KnownRow): boolean {
    this.#taken += 1;
    const lie = this.#lie !== null && this.#taken % this.#lie.every === 0 ? this.#lie.kind : null;
    if (lie !== null) this.harmed.push(row);
    if (lie === 'drop') return false;
    const { writer, sequence, payload, ...stock } = row;
    const altered = lie === 'alter' ? `#${payload.slice(1)}` : payload;
    this.stored.push({ writer, sequence, payload: altered, ...stock });
    if (lie === 'store-twice') this.stored.push({ writer, sequence, payload, ...stock });
    return lie === 'keep-refused';
  }

  #answer(response: ServerResponse, entry: KnownRequest, status: number, body: object): void {
    if (response.destroyed) return;
    entry.status = status;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ node: this.node, ...body }));
  }

  #answerReadiness(response: ServerResponse): void {
    this.checks += 1;
    const { kind } = this.#behaviour;
    if (this.checksToLose > 0) return void this.checksToLose--;
    if (kind === 'hang') return;
    response.writeHead(kind === 'decline' || kind === 'fail' ? 503 : 200).end('{}');
  }
}

/** Starts a service on a free loopback port; it serves until it is told otherwise. */
export async function startKnownService(options: KnownServiceOptions): Promise<KnownService> {
  const service = new KnownService(options);
  await service.listen();
  return service;
}
