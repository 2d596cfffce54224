// A world for systems in memory that outlives their process: each effect that lasts is a file, made
// when it begins and gone when it ends. What `drill clean` does not undo is seen there.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Perform } from '../../../src/engine/clean/clean-run.ts';
import { performUndo } from '../../../src/topology/undo.ts';
import { Deeds } from '../noop/memory-link.ts';

/** `step` is told before each deed, and after each that lasts. */
export class DeedsOnDisk extends Deeds {
  readonly #world: string;
  readonly #step: () => void;

  constructor(world: string, step: () => void) {
    super();
    this.#world = world;
    this.#step = step;
    mkdirSync(world, { recursive: true });
  }

  override begin(deed: string, over: () => void): void {
    writeFileSync(placeOf(this.#world, deed), '');
    this.#step();
    super.begin(deed, over);
  }

  override end(deed: string): boolean {
    rmSync(placeOf(this.#world, deed), { force: true });
    this.#step();
    return super.end(deed);
  }

  override async do(deed: string): Promise<void> {
    this.#step();
    await super.do(deed);
  }
}

/** As `drill clean` does it, and what is done in the world by its entry too. */
export function performIn(world: string, step: () => void = () => {}): Perform {
  return async (effect, known) => {
    step();
    const { deed } = effect;
    if (typeof deed !== 'string') return await performUndo(effect, { environment: {}, ...known });
    rmSync(placeOf(world, deed), { force: true });
    step();
    return [];
  };
}

function placeOf(world: string, deed: string): string {
  return join(world, encodeURIComponent(deed));
}
