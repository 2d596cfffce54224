// A finished run as the history finds it: its folder with a plan and a sealed result.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { plantResult } from './plant-result.ts';
import { passed, rtoGate } from './results.ts';

interface Planted {
  readonly rto_ms: number;
  readonly change?: Partial<Result>;
}

/** A run of a minute of 28 November 2026, in which service was back after so long; its id. */
export function plantRun(
  runs: string,
  plan: Plan,
  minute: number,
  { rto_ms, change = {} }: Planted,
): string {
  const time = new Date(Date.UTC(2026, 10, 28, 0, minute));
  const stamp = time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const id = `${stamp}-region-outage-00aa`;
  const place = join(runs, id);
  mkdirSync(place);
  const gate = { ...rtoGate, measured: rto_ms, low: rto_ms - 10, high: rto_ms };
  plantResult(place, {
    ...passed,
    id,
    started_at: time.toISOString(),
    recovery: { ...passed.recovery!, rto_ms },
    gates: [gate],
    ...change,
  });
  writeFileSync(join(place, 'plan.json'), JSON.stringify(plan));
  utimesSync(place, 0, 0);
  return id;
}
