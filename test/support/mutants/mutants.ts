// Has a program read mutated drill files, and ends it where one of them takes for ever.
import { fork } from 'node:child_process';

export interface MutantsRead {
  valid: number;
  refused: number;
  readonly problems: string[];
}

/** How often the program says at which file it is. */
export const TOLD_EVERY = 20;
/** Thousands of times what so many files take: no busy machine comes near. */
const HANGS_AFTER_MS = 30_000;

export async function readMutants(count: number, seed: number): Promise<MutantsRead> {
  const program = new URL('./program.ts', import.meta.url);
  const child = fork(program, [String(count), String(seed)], { execArgv: ['--import=tsx'] });
  let at = 0;
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise<MutantsRead>((resolve, reject) => {
      const hangs = () => reject(new Error(`a file from ${at} of seed ${seed} hangs`));
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the program ended with ${code} after ${at}`)));
      child.on('message', (told: number | MutantsRead) => {
        clearTimeout(watch);
        if (typeof told !== 'number') return resolve(told);
        at = told;
        watch = setTimeout(hangs, HANGS_AFTER_MS);
      });
    });
  } finally {
    clearTimeout(watch);
    child.kill('SIGKILL');
  }
}
