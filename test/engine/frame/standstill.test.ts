// The programs of a run are asked whether they get to run, on a clock by hand: what they tell, what
// a late answer tells, and who never woke.
import { expect } from 'chai';
import { watchPrograms } from '../../../src/engine/frame/standstill.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Stall } from '../../../src/host/stalls.ts';
import type { AskedProgram } from '../../../src/topology/system/asked-program.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const ORIGIN_MS = 1_000_000;

describe('a watch over the programs of a run', () => {
  let clock: ManualClock;
  let events: RunEvent[];
  let programs: AskedProgram[];
  const watch = () => {
    const emit = (event: string, body: object, t?: number) =>
      events.push({ t: t ?? clock.now(), event, ...body } as RunEvent);
    return watchPrograms({ clock, emit, origin_ms: ORIGIN_MS }, () => programs);
  };
  const end = async (watching: ReturnType<typeof watch>) => {
    await clock.runUntil(watching.end());
  };
  const told = (program: string, t: number, ms: number, more = {}) => {
    return { t, event: 'program.stalled', program, ms, ...more };
  };

  beforeEach(() => {
    clock = new ManualClock();
    events = [];
    programs = [];
  });

  /** A proxy server, which answers `late_ms` after it is asked; Infinity: never. */
  const proxy = (late_ms: () => number, isDirect = true): AskedProgram => ({
    name: 'proxy',
    isDirect,
    ask: async () => {
      const ms = late_ms();
      if (ms === Infinity) return await new Promise<never>(() => {});
      if (ms > 0) await clock.sleep(ms);
      return null;
    },
  });

  it('tells each stall that a program has kept once, on the clock of the run', async () => {
    const kept: Stall[] = [{ from_ms: ORIGIN_MS - 9_000, ms: 400 }]; // of before the run
    programs = [{ name: 'gslb', isDirect: true, ask: () => Promise.resolve(kept) }];
    const watching = watch();
    await clock.advance(2_000);
    kept.push({ from_ms: ORIGIN_MS + 1_200, ms: 700 });
    await clock.advance(3_000);
    await end(watching);
    expect(events).to.deep.equal([told('gslb', 1_900, 700)]);
  });

  it('tells what a program kept that is asked for the last time', async () => {
    const kept: Stall[] = [];
    programs = [{ name: 'gslb', isDirect: true, ask: () => Promise.resolve(kept) }];
    const watching = watch();
    await clock.advance(520);
    kept.push({ from_ms: ORIGIN_MS + 200, ms: 310 });
    await end(watching);
    expect(events).to.deep.equal([told('gslb', 510, 310)]);
  });

  it('tells how long a server took to answer that keeps nothing, and not less than a stall', async () => {
    let late_ms = 0;
    programs = [proxy(() => late_ms)];
    const watching = watch();
    await clock.advance(1_000);
    late_ms = 200;
    await clock.advance(1_000);
    expect(events).to.deep.equal([]);
    late_ms = 3_000;
    await clock.advance(2_000);
    late_ms = 0;
    await clock.advance(3_000);
    await end(watching);
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ program: 'proxy', ms: 3_000 });
  });

  it('tells who never woke, but not of one that is reached through what a fault breaks', async () => {
    programs = [proxy(() => Infinity), { ...proxy(() => Infinity, false), name: 'west/app-1' }];
    const watching = watch();
    await clock.advance(4_000);
    await end(watching);
    expect(events).to.deep.equal([told('proxy', 4_300, 4_300, { silent: true })]);
  });

  it('does not take its own stall for another’s', async () => {
    let answer = () => {};
    const answered = new Promise<null>((resolve) => (answer = () => resolve(null)));
    let isLate = false;
    const ask = () => (isLate ? answered : Promise.resolve(null));
    programs = [{ name: 'proxy', isDirect: true, ask }];
    const watching = watch();
    await clock.advance(1_000);
    isLate = true;
    await clock.advance(150);
    // It is stopped for 3 s: all of its timers are late, and the answer waits for it.
    clock.skip(3_000);
    answer();
    await clock.advance(200);
    await end(watching);
    expect(events).to.deep.equal([]);
  });

  it('tells how long a program stood still that was killed before it woke', async () => {
    const killed = (name: string, isDirect: boolean): AskedProgram => {
      let asked = 0;
      return {
        name,
        isDirect,
        ask: async () => {
          if (asked++ > 0) throw new Error('ECONNREFUSED');
          await clock.sleep(1_500);
          throw new Error('the process was killed');
        },
      };
    };
    programs = [killed('gslb', true), killed('west/app-1', false)];
    const watching = watch();
    await clock.advance(4_000);
    await end(watching);
    expect(events).to.deep.equal([told('gslb', 1_500, 1_500)]);
  });

  it('says nothing of a program that is gone, and goes on with the one in its place', async () => {
    const gone: AskedProgram = {
      name: 'west/app-1',
      isDirect: true,
      ask: () => Promise.reject(new Error('ECONNREFUSED')),
    };
    programs = [gone];
    const watching = watch();
    await clock.advance(2_000);
    programs = [{ ...gone, ask: () => Promise.resolve([{ from_ms: ORIGIN_MS + 2_100, ms: 600 }]) }];
    await clock.advance(2_000);
    await end(watching);
    expect(events).to.deep.equal([told('west/app-1', 2_700, 600)]);
  });
});
