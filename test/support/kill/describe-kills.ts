// Kills at random on a real system: in turns a drill with regions of its own, and one on a system
// that is up, which is another one after some kills.
import { Draw } from './draw.ts';
import { KillPlace } from './killed-run.ts';
import { killSeries, SEED, type Killed } from './series.ts';

/** Numbers of kills, of which every other one is on the same system. */
const PER_SYSTEM = 20;
const KILL_AT_MOST_MS = 240_000;

export function describeKills(runtime: 'embedded' | 'compose', count: number): void {
  describe(`${count} runners that are killed at random, ${runtime}, seed ${SEED}`, function () {
    this.timeout((count + 2) * KILL_AT_MOST_MS);
    let place: KillPlace;
    let up: number | null = null;

    before(() => (place = new KillPlace(runtime)));
    after(() => place.remove());

    const down = async (seed: number): Promise<readonly string[]> => {
      if (up === null) return [];
      const draw = new Draw(seed, up, 1);
      up = null;
      return await place.down(draw);
    };

    const once = async (seed: number, number: number): Promise<Killed> => {
      const draw = new Draw(seed, number);
      if (number % 2 === 0) return await place.own(draw);
      const system = Math.floor(number / PER_SYSTEM);
      const problems = system === up ? [] : await down(seed);
      if (up === null) await place.up(new Draw(seed, system, 0));
      up = system;
      const killed = await place.against(draw);
      return { ...killed, problems: [...problems, ...killed.problems] };
    };

    it('leave nothing after drill clean, and a system that is up as it was', async () => {
      const last = async () => await down(SEED);
      await killSeries({ of: runtime, count, beside: 1, once, last });
    });
  });
}
