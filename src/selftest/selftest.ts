// `drill selftest`: is the instrument right, on this machine? Truths are planted in services of
// drill's own, and what drill measures is held against them.
import type { Verdict } from '../verdict/result.ts';
import { examineInstrument, type Instrument } from './instrument.ts';
import { losses } from './planted/losses.ts';
import { outages } from './planted/outages.ts';
import { beside, type Planted } from './planted/planted.ts';
import { busyProcessors, lostChecks, setClock } from './planted/surroundings.ts';
import type { PlantedRow } from './row.ts';

export interface SelfTest {
  readonly schema: 'drill.selftest/1';
  readonly drill_version: string;
  readonly at: string;
  readonly mode: 'quick' | 'full';
  /** `fail`: drill is wrong here. `inconclusive`: something could not be measured. */
  readonly verdict: Verdict;
  readonly rows: readonly PlantedRow[];
  readonly instrument: Instrument;
}

export interface SelfTestOptions {
  readonly isQuick: boolean;
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  /** Of the proxy that is started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** What is planted now, of how many things. */
  readonly onStep: (title: string, step: number, of: number) => void;
}

const INSTRUMENT = 'what the instrument costs';

/** Rejects with the signal's reason when it aborts; nothing of it stays on the disk. */
export async function selfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { isQuick, version, at, environment, signal, onStep } = options;
  const all = plantings(isQuick);
  const rows: PlantedRow[] = [];
  for (const [index, planting] of all.entries()) {
    onStep(planting.title, index + 1, all.length + 1);
    rows.push(...(await planting.plant(signal)));
  }
  onStep(INSTRUMENT, all.length + 1, all.length + 1);
  const instrument = await examineInstrument(environment, signal);
  return {
    schema: 'drill.selftest/1',
    drill_version: version,
    at,
    mode: isQuick ? 'quick' : 'full',
    verdict: verdictOf(rows),
    rows,
    instrument,
  };
}

function plantings(isQuick: boolean): Planted[] {
  const title = 'writes that a service harms, a clock that is set, health checks that get lost';
  const others = beside(title, [losses(), setClock(), lostChecks()]);
  return [...outages(isQuick), others, ...(isQuick ? [] : [busyProcessors()])];
}

/** What could not be measured proves nothing. */
export function verdictOf(rows: readonly PlantedRow[]): Verdict {
  if (rows.length === 0) return 'inconclusive';
  if (rows.some(({ standing }) => standing === 'outside')) return 'fail';
  return rows.some(({ standing }) => standing !== 'inside') ? 'inconclusive' : 'pass';
}
