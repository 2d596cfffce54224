// One client and its upstream, joined by a flow each way. Half-closing passes through; a socket
// that closes for good takes the other one with it, after what was read from it has been delivered.
import type { Socket } from 'node:net';
import { Flow } from './flow.ts';
import type { ActiveToxic, Direction, ToxicChange, ToxicList } from './toxic-list.ts';

export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #toxics: ToxicList;
  readonly #chance: () => number;
  #flows: { upstream: Flow; downstream: Flow } | null = null;

  /** `upstream` is on its way to be connected; an upstream that refuses closes the client. */
  constructor(client: Socket, upstream: Socket, toxics: ToxicList, chance: () => number) {
    this.#client = client;
    this.#upstream = upstream;
    this.#toxics = toxics;
    this.#chance = chance;
    // The errors of a socket are followed by its `close`, and that is what counts here.
    client.on('error', () => {});
    upstream.on('error', () => {});
    upstream.once('connect', () => this.#join());
    upstream.once('close', () => {
      if (this.#flows === null) client.destroy();
    });
    client.once('close', () => {
      if (this.#flows === null) upstream.destroy();
    });
  }

  onClose(callback: () => void): void {
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open === 0) callback();
    };
    this.#client.once('close', closed);
    this.#upstream.once('close', closed);
  }

  /** At once, whatever is under way. */
  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  changeToxic(change: ToxicChange, toxic: ActiveToxic): void {
    this.#flows?.[toxic.direction][change](toxic);
  }

  #join(): void {
    const client = this.#client;
    const upstream = this.#upstream;
    if (client.destroyed) {
      upstream.destroy();
      return;
    }
    const chance = this.#chance;
    const onReset = () => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    const flow = (source: Socket, destination: Socket, direction: Direction) =>
      new Flow({ source, destination, chance, onReset }, this.#toxics.of(direction));
    this.#flows = {
      upstream: flow(client, upstream, 'upstream'),
      downstream: flow(upstream, client, 'downstream'),
    };
  }
}
