// The fence around a lost region: looked at after each heal and at the end, once it was put up.
import { reasonOf } from '../../host/operation-failed.ts';
import { checkFence } from '../../recovery/fence.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';

export class FenceWatch {
  readonly #system: System;
  #lost: string | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  /** From now on there is a fence around this region. */
  begin(lost: string): void {
    this.#lost = lost;
  }

  /** Whether the fence holds; nothing where none was put up. */
  async check({ plan, emit }: RunContext): Promise<void> {
    const lost = this.#lost;
    if (lost === null) return;
    try {
      const checks = await checkFence({ plan, system: this.#system, lost });
      emit('fence.checked', { checks });
    } catch (error) {
      // Whoever runs the nodes does not answer: that leaves it open, and proves no open fence.
      const name = `the fence of ${lost} was looked at after the heal`;
      const checks = [{ name, ok: false, detail: reasonOf(error) }];
      emit('verification.checked', { checks });
    }
  }
}
