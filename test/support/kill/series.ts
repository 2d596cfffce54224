// So many kills of living runners, each by its number: what it hit is counted, and whatever it left
// is said with the seed and the number by which it can be had again.
import { expect } from 'chai';

export interface Killed {
  /** What the runner was at; null: it had ended, so that nobody was killed. */
  readonly phase: string | null;
  /** How often `drill clean` was killed after it. */
  readonly cleaners: number;
  /** What was left or changed, in words. */
  readonly problems: readonly string[];
}

interface Series {
  /** As `npm run test:kill` has it, such as `noop`. */
  readonly of: string;
  readonly count: number;
  /** So many at a time. */
  readonly beside: number;
  readonly once: (seed: number, number: number) => Promise<Killed>;
  /** What is found when all are killed, in words. */
  readonly last?: () => Promise<readonly string[]>;
}

/** Kills of nobody are drawn again, but not for ever. */
const TRIED_AT_MOST = 3;
const TOLD_EVERY = 100;

const LONG = ['KILLS_NOOP', 'KILLS_EMBEDDED', 'KILLS_COMPOSE'];
const isLong = LONG.some((name) => process.env[name] !== undefined);
/**
 * A long series is another one each time; the few of every day are the same, so that they take as
 * long. `KILL_SEED` has those of another run again.
 */
export const SEED = Number(process.env['KILL_SEED'] ?? (isLong ? Date.now() % 2 ** 31 : 2));
const ONLY = process.env['KILL_ONLY'];

/** How many kills: a few, or what `npm run test:kill` says. */
export function countOf(name: string, few: number): number {
  return Number(process.env[name] ?? few);
}

export async function killSeries({ of, count, beside, once, last }: Series): Promise<void> {
  const hits = new Map<string, number>();
  const problems: string[] = [];
  let [killed, missed, cleaners] = [0, 0, 0];
  let next = ONLY === undefined ? 0 : Number(ONLY);
  const end = ONLY === undefined ? count * TRIED_AT_MOST : next + 1;
  const work = async () => {
    while (next < end && killed < count) {
      const number = next++;
      const one = await once(SEED, number).catch((error: Error): Killed => {
        return { phase: 'the test', cleaners: 0, problems: [error.stack ?? error.message] };
      });
      if (one.phase === null) missed++;
      else killed++;
      if (one.phase !== null && killed % TOLD_EVERY === 0) console.log(`${of}: ${killed} by now`);
      cleaners += one.cleaners;
      if (one.phase !== null) hits.set(one.phase, (hits.get(one.phase) ?? 0) + 1);
      for (const problem of one.problems) {
        const again = `KILL_SEED=${SEED} KILL_ONLY=${number}`;
        problems.push(`${again} (${one.phase ?? 'ended'}): ${problem}`);
        console.log(problems.at(-1));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(beside, end - next) }, work));
  for (const problem of (await last?.()) ?? []) {
    problems.push(`after all of seed ${SEED}: ${problem}`);
    console.log(problems.at(-1));
  }
  const at = [...hits].map(([phase, times]) => `${phase} ${times}`).join(', ');
  console.log(
    `${of}, seed ${SEED}: ${killed} kills of a living runner (${at}), ` +
      `${cleaners} of drill clean after it; ${missed} runs had ended by then`,
  );
  expect(problems).to.deep.equal([]);
  if (ONLY === undefined) expect(killed).to.be.at.least(count);
}
