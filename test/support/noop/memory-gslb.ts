// The GSLB of a system in memory: who is down by its checks, what it would answer, and what clients
// are told, which a fault can part.
import { gslbOf } from '../../../src/drill/plan/gslb.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Emit } from '../../../src/evidence/event.ts';
import type { GslbState } from '../../../src/gslb/protocol.ts';
import type { Clock } from '../../../src/host/clock.ts';
import type { Gslb } from '../../../src/topology/system/system.ts';
import { undoable, type Deeds } from './memory-link.ts';

const POLL_MS = 5;

interface World {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly deeds: Deeds;
  /** Whether the region would answer a health check. */
  readonly isUp: (region: string) => boolean;
}

interface Answer {
  readonly regions: readonly string[];
  readonly serial: number;
}

export class MemoryGslb implements Gslb {
  readonly host = '';
  readonly port = 0;
  /** The regions that the health checks hold to be down. */
  readonly down = new Set<string>();
  readonly #world: World;
  #serving: readonly string[];
  #held: Answer | null = null;
  #isFrozen = false;
  #withheld = '';

  constructor(world: World) {
    this.#world = world;
    const active = world.plan.regions.filter(({ role }) => role === 'active');
    this.#serving = active.map(({ name }) => name);
  }

  async serve(regions: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#untilAwake(signal);
    await this.#world.deeds.do(`serve ${regions.join(' and ')}`);
    this.#serving = regions;
    for (const name of regions) this.down.delete(name);
    if (this.#held === null) this.#world.emit('gslb.redirected', { region: regions[0]! });
  }

  async state(): Promise<GslbState> {
    const { plan, deeds, isUp } = this.#world;
    await this.#untilAwake();
    await deeds.do('ask the GSLB');
    const health = plan.regions.map(
      ({ name }) => [name, { healthy: isUp(name), nodes: {} }] as const,
    );
    const { regions: answered, serial } = this.#due();
    const isHeld = this.#held !== null;
    return { regions: Object.fromEntries(health), answered, serial, isHeld };
  }

  /** What a client is told that asks now, after so long at most; null: nothing. */
  async told(timeout_ms: number): Promise<Answer | null> {
    const { clock, deeds, emit } = this.#world;
    if (this.#isFrozen) {
      await clock.sleep(timeout_ms);
      return null;
    }
    await deeds.do('ask the GSLB');
    const due = this.#due();
    if (this.#held === null) return due;
    const [told, instead] = [this.#held.regions, due.regions];
    if (told.join() !== instead.join() && this.#withheld !== instead.join()) {
      this.#withheld = instead.join();
      emit('gslb.withheld', { told: [...told], due: [...instead] });
    }
    return this.#held;
  }

  async toldSerial(timeout_ms: number): Promise<number | null> {
    if (!this.#isFrozen) return (this.#held ?? this.#due()).serial;
    await this.#world.clock.sleep(timeout_ms);
    return null;
  }

  look = () =>
    Promise.resolve({ state: this.#isFrozen ? 'frozen' : 'running', detail: 'seen' } as const);

  freeze = () => undoable(this.#world.deeds, 'freeze the GSLB', (isOn) => (this.#isFrozen = isOn));

  hold = () =>
    undoable(this.#world.deeds, 'hold the answers', (isOn) => {
      this.#held = isOn ? this.#due() : null;
    });

  isDown = (region: string) => this.down.has(region);

  /** So many checks in a row must fail, and the last one takes its time. */
  async untilDown(
    region: string,
    signal?: AbortSignal,
  ): Promise<{ at_ms: number; detail: string }> {
    const { clock, plan, emit, isUp } = this.#world;
    const { every_ms, timeout_ms, failures } = gslbOf(plan);
    const needed_ms = (failures - 1) * every_ms + timeout_ms;
    let out_ms = 0;
    while (!this.down.has(region)) {
      await clock.sleep(POLL_MS, signal);
      out_ms = isUp(region) || this.#isFrozen ? 0 : out_ms + POLL_MS;
      if (out_ms < needed_ms) continue;
      this.down.add(region);
      emit('region.down', { region, detail: 'in memory' });
    }
    return { at_ms: clock.now(), detail: '' };
  }

  /** A new one with each check. */
  #due(): Answer {
    const { clock, plan } = this.#world;
    const healthy = this.#serving.filter((name) => !this.down.has(name));
    const serial = 1 + Math.floor(clock.now() / gslbOf(plan).every_ms);
    return { regions: healthy.length === 0 ? this.#serving : healthy, serial };
  }

  async #untilAwake(signal?: AbortSignal): Promise<void> {
    while (this.#isFrozen) await this.#world.clock.sleep(POLL_MS, signal);
  }
}
