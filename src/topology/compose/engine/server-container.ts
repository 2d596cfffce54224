// The container of a database and the volume that it is on: ended and started again, destroyed
// together, and made anew from what is remembered of them.
import type { Clock } from '../../../host/clock.ts';
import type { NodeLook } from '../../system/region.ts';
import { startAgain } from './clone.ts';
import type { Container } from './container.ts';
import type { Engine } from './engine.ts';
import type { ContainerLogs } from './logs.ts';
import { dataVolume, makeVolume, removeContainer, removeVolume } from './volumes.ts';

interface Surroundings {
  readonly engine: Engine;
  readonly logs: ContainerLogs;
  readonly clock: Clock;
  /** The run that made the system. */
  readonly run: string;
}

export class ServerContainer {
  readonly #around: Surroundings;
  #container: Container;
  #isDestroyed = false;

  constructor(around: Surroundings, container: Container) {
    this.#around = around;
    this.#container = container;
  }

  get node(): string {
    return this.#container.node;
  }

  look(timeout_ms: number): Promise<NodeLook> {
    return this.#container.look(timeout_ms);
  }

  pids(): number[] {
    return [];
  }

  /** One that was destroyed tells what it was. */
  get container(): Container {
    return this.#container;
  }

  /** Nothing of it is at the engine any more; its volume is gone first of all. */
  async destroy(): Promise<void> {
    const { engine } = this.#around;
    this.#container.expectEnd();
    this.#isDestroyed = true;
    await removeContainer(engine, this.#container);
    await removeVolume(engine, dataVolume(this.#container.facts));
  }

  /** An empty volume in place of one that was destroyed. */
  async provideVolume(): Promise<void> {
    const { engine, run } = this.#around;
    if (this.#isDestroyed) await makeVolume(engine, dataVolume(this.#container.facts), run);
  }

  /** Starts it with an empty volume, whatever it had. */
  async startEmpty(): Promise<void> {
    if (!this.#isDestroyed) await this.destroy();
    await this.provideVolume();
    await this.start();
  }

  /** One that has ended runs again; one that was destroyed is made anew on the volume there is. */
  async start(): Promise<void> {
    const { engine, logs, clock } = this.#around;
    if (!this.#isDestroyed) {
      await logs.startAgain(this.#container, clock);
      return;
    }
    this.#container = await startAgain(engine, this.#container);
    this.#isDestroyed = false;
    await logs.follow(this.#container);
  }
}
