// Finished runs for benchmarks that are about many of them.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantResult } from '../test/support/evidence/plant-result.ts';
import { passed, rtoGate } from '../test/support/evidence/results.ts';
import { basePlan } from '../test/support/plan/base-plan.ts';

const DRILLS = 20;

/** Of some drills in turn, a minute apart, none of them like the other. */
export function plantRuns(runs: string, count: number): void {
  const plan = JSON.stringify(basePlan);
  for (let at = 0; at < count; at++) {
    const started_at = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
    const name = `drill-${at % DRILLS}`;
    const id = `${started_at.replaceAll(/[-:]|\.\d+/g, '')}-${name}-00aa`;
    const place = join(runs, id);
    mkdirSync(place, { recursive: true });
    const rto_ms = 1_500 + (at % 97);
    const gates = [{ ...rtoGate, measured: rto_ms, low: rto_ms - 10, high: rto_ms }];
    const recovery = { ...passed.recovery!, rto_ms };
    const drill = { ...passed.drill, name };
    plantResult(place, { ...passed, id, started_at, drill, gates, recovery });
    writeFileSync(join(place, 'plan.json'), plan);
    // A run that was touched a moment ago may go on still.
    utimesSync(place, 0, 0);
  }
}
