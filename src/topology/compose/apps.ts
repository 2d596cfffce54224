// The app instances of a region of containers: those that the compose file has, and further ones
// that are made like their siblings, each behind the edge link and known to the load balancer.
import { allDone } from '../../base/all-done.ts';
import type { Clock } from '../../host/clock.ts';
import type { Emit } from '../../evidence/event.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { LinkProxy } from '../../link/links.ts';
import { startSibling } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import type { Slot } from './project/slots.ts';

const LOOK_MS = 5_000;

interface AppsParts {
  readonly engine: Engine;
  readonly logs: ContainerLogs;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly slot: Slot;
  /** An app instance of the other region. */
  readonly elsewhere: () => Container;
  /** What the first one is told in a region where none has stood. */
  readonly settings: () => Readonly<Record<string, unknown>>;
  /** Puts the instance of that number behind the edge link. */
  readonly expose: (instance: number) => Promise<Exposed>;
}

export interface Exposed {
  readonly proxy: LinkProxy;
  readonly check: { readonly host: string; readonly port: number };
}

interface Instance {
  readonly container: Container;
  readonly proxy: LinkProxy;
}

export class ComposeApps {
  readonly #parts: AppsParts;
  readonly #containers: Container[];
  readonly #instances: Instance[] = [];

  constructor(parts: AppsParts, containers: readonly Container[]) {
    this.#parts = parts;
    const prefix = `${parts.slot.slot}-app-`;
    this.#containers = containers.filter(({ service }) => service.startsWith(prefix));
  }

  /** Told of each instance that joins later; set once there is a GSLB. */
  onInstance: (endpoint: GslbEndpoint) => Promise<void> = async () => {};

  get containers(): readonly Container[] {
    return this.#containers;
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  async living(): Promise<Instance[]> {
    const looks = await Promise.all(
      this.#instances.map(({ container }) => container.look(LOOK_MS)),
    );
    return this.#instances.filter((_, at) => looks[at]!.state !== 'dead');
  }

  /** Every instance that the plan has: what the GSLB must know of them. */
  async begin(): Promise<GslbEndpoint[]> {
    const endpoints: GslbEndpoint[] = [];
    for (const container of this.#containers.toSorted((a, b) => numberOf(a) - numberOf(b))) {
      endpoints.push(await this.#join(container));
    }
    // Those for which the compose file has no service.
    for (let i = this.#containers.length; i < this.#parts.slot.region.app.instances; i++) {
      endpoints.push(await this.#add());
    }
    return endpoints;
  }

  async scale(instances: number): Promise<void> {
    const looks = await Promise.all(this.#containers.map((app) => app.look(LOOK_MS)));
    const dead = this.#containers.filter((_, at) => looks[at]!.state === 'dead');
    const alive = this.#containers.length - dead.length;
    const back = dead.slice(0, Math.max(0, instances - alive));
    await allDone(back.map((app) => this.#startAgain(app)));
    for (let i = alive + back.length; i < instances; i++) await this.onInstance(await this.#add());
  }

  async #startAgain(container: Container): Promise<void> {
    const { logs, clock } = this.#parts;
    const since = Math.floor(clock.wall() / 1_000);
    await container.start();
    await logs.follow(container, since);
  }

  async #join(container: Container): Promise<GslbEndpoint> {
    const { slot, expose } = this.#parts;
    const { proxy, check } = await expose(numberOf(container));
    this.#instances.push({ container, proxy });
    const { host, port } = proxy;
    const { node } = container;
    return { node, region: slot.region.name, service: 'orders', host, port, check };
  }

  /** One more instance, like its siblings. */
  async #add(): Promise<GslbEndpoint> {
    const { engine, slot, logs, clock, emit } = this.#parts;
    const begun = clock.now();
    const instance = Math.max(0, ...this.#containers.map(numberOf)) + 1;
    const service = `${slot.slot}-app-${instance}`;
    const node = `${slot.region.name}/app-${instance}`;
    const model = this.#containers[0];
    const container =
      model === undefined
        ? await this.#addLikeElsewhere(service, node)
        : await startSibling(engine, model, { service, node });
    this.#containers.push(container);
    await logs.follow(container);
    const { Pid: pid } = container.facts.State;
    emit('node.started', { node, pid, ms: clock.now() - begun });
    return await this.#join(container);
  }

  /** The first one of a region where none has stood: like those of the other region, but here. */
  async #addLikeElsewhere(service: string, node: string): Promise<Container> {
    const { engine, slot, elsewhere, settings } = this.#parts;
    const model = elsewhere();
    const from = model.service.split('-')[0]!;
    const moved = { from, to: slot.slot, region: slot.region.name };
    return await startSibling(engine, model, { service, node, moved, settings: settings() });
  }
}

function numberOf({ service }: Container): number {
  return Number(service.split('-').at(-1));
}
