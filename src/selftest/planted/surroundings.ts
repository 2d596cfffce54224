// What goes on around a drill, and must not change what it measures: a wall clock that is set,
// processors that are busy, health checks that get lost.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { watchTheRunner } from '../../engine/frame/heartbeat.ts';
import type { Clock } from '../../host/clock.ts';
import { hostClock } from '../../host/clock.ts';
import { startKnownBalancer } from '../known/balancer.ts';
import { SERVE, type TruthScenario } from '../known/run.ts';
import { runTruths } from '../known/runs.ts';
import { startKnownService } from '../known/service.ts';
import { isWithin, type PlantedRow } from '../row.ts';
import { outageRow } from './outages.ts';
import { planted, type Planted } from './planted.ts';

const HOUR_MS = 3_600_000;
const LOOKED_MS = 300;
/** A jump is told to what passes between two looks. */
const TOLD_WITHIN_MS = 50;
const EVERY_MS = 50;
const STEP_MS = 5;
const FAILURES = 3;
const SETTLED_MS = 6 * EVERY_MS;
const BURN = 'for (;;);';

const OUTAGE: TruthScenario = {
  sustain: { for_ms: 1_000 },
  steps: [
    { after_ms: 0, behave: { kind: 'refuse' } },
    { after_ms: 500, behave: SERVE },
  ],
};

/** The recovery time is of a clock that nobody sets. */
export function setClock(): Planted {
  const title = 'a wall clock that is set';
  const back = planted(title, [{ ...OUTAGE, wallJump_ms: -HOUR_MS }], (runs) => {
    const what = 'refused 500 ms, clock set';
    return runs.map((run) => ({ ...outageRow(what, run), group: 'surroundings' }));
  });
  const plant = async (signal: AbortSignal) => [...(await back.plant(signal)), await toldJump()];
  return { title, plant };
}

async function toldJump(): Promise<PlantedRow> {
  const host = hostClock();
  let set_ms = 0;
  const clock: Clock = { ...host, wall: () => host.wall() + set_ms };
  const told: number[] = [];
  const over = new AbortController();
  const watching = watchTheRunner(
    clock,
    (name, body) => {
      if (name === 'clock.jumped') told.push((body as { readonly ms: number }).ms);
    },
    over.signal,
  );
  await host.sleep(LOOKED_MS);
  set_ms = HOUR_MS;
  await host.sleep(LOOKED_MS);
  over.abort();
  await watching;
  const measured = told.length === 0 ? null : told.reduce((sum, ms) => sum + ms, 0);
  const low = measured === null ? null : measured - TOLD_WITHIN_MS;
  const high = measured === null ? null : measured + TOLD_WITHIN_MS;
  // Not told, it is no number that is in doubt: nobody would know.
  const standing = measured === null ? 'outside' : isWithin(HOUR_MS, { low, high });
  return {
    group: 'surroundings',
    what: 'clock set by 1 h, told',
    unit: 'ms',
    planted: HOUR_MS,
    measured,
    error: measured === null ? null : measured - HOUR_MS,
    low,
    high,
    standing,
    note: '',
  };
}

/** Right, or in doubt; never wrong. */
export function busyProcessors(): Planted {
  return {
    title: 'every processor busy',
    plant: async (signal) => {
      const processors = Array.from({ length: availableParallelism() });
      const burning = processors.map(() => new Worker(BURN, { eval: true }));
      try {
        const [run] = await runTruths([OUTAGE], signal);
        try {
          const row = outageRow('refused 500 ms, CPUs busy', run!);
          return [{ ...row, group: 'surroundings' }];
        } finally {
          run!.remove();
        }
      } finally {
        await Promise.all(burning.map(async (each) => await each.terminate()));
      }
    },
  };
}

/** One fewer than the threshold raises no alarm, as many as it do. */
export function lostChecks(): Planted {
  return {
    title: 'health checks that get lost',
    plant: async (signal) => {
      const host = hostClock();
      const service = await startKnownService({ clock: host });
      let down = 0;
      const settings = { every_ms: EVERY_MS, timeout_ms: EVERY_MS, failures: FAILURES };
      const gslb = await startKnownBalancer([service], host, settings, (name) => {
        if (name === 'region.down') down++;
      });
      try {
        await host.sleep(SETTLED_MS, signal);
        const rows: PlantedRow[] = [];
        for (const lost of [FAILURES - 1, FAILURES]) {
          const before = down;
          service.checksToLose = lost;
          const gap_ms = await longestGap(host, lost * EVERY_MS + SETTLED_MS, signal);
          rows.push(alarmRow(lost, down - before, gap_ms));
        }
        return rows;
      } finally {
        gslb.close();
        await service.close();
      }
    },
  };
}

/** Waits so long; resolves to how much longer one of many short waits took. */
async function longestGap(clock: Clock, ms: number, signal: AbortSignal): Promise<number> {
  let longest_ms = 0;
  for (const until_ms = clock.now() + ms; clock.now() < until_ms;) {
    const began_ms = clock.now();
    await clock.sleep(STEP_MS, signal);
    longest_ms = Math.max(longest_ms, clock.now() - began_ms - STEP_MS);
  }
  return longest_ms;
}

/** A check that drill itself had no time for counts as lost, too. */
function alarmRow(lost: number, measured: number, gap_ms: number): PlantedRow {
  const planted = lost >= FAILURES ? 1 : 0;
  const isRight = measured === planted;
  const isBusy = gap_ms > EVERY_MS / 2;
  const note = isBusy && !isRight ? 'drill itself did not get to run in time' : '';
  return {
    group: 'surroundings',
    what: `${lost} of ${FAILURES} health checks lost`,
    unit: 'alarms',
    planted,
    measured,
    error: measured - planted,
    low: measured,
    high: measured,
    note,
    standing: isRight ? 'inside' : isBusy ? 'unmeasured' : 'outside',
  };
}
