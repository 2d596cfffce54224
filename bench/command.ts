// What the built command takes for something that must succeed: time, processor and memory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostNow } from '../src/host/clock.ts';
import { ROOT } from '../test/support/whole/drill-cli.ts';
import { median } from './median.ts';

const USAGE = fileURLToPath(new URL('./usage.js', import.meta.url));

export interface Taken {
  readonly ms: number;
  /** In user and system mode, by all of its threads. */
  readonly processor_ms: number;
  /** The most that was resident. */
  readonly mb: number;
}

/** The medians of several rounds. */
export function commandTakes(args: readonly string[], rounds: number): Taken {
  const taken = Array.from({ length: rounds }, () => takenOnce(args));
  const of = (key: keyof Taken) => median(taken.map((each) => each[key]));
  return { ms: of('ms'), processor_ms: of('processor_ms'), mb: of('mb') };
}

/** Throws with what it printed when it does not end with 0. */
function takenOnce(args: readonly string[]): Taken {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  try {
    const file = join(folder, 'usage.json');
    const command = ['--import', USAGE, join(ROOT, 'bin', 'drill.js'), ...args];
    const env = { ...process.env, BENCH_USAGE: file };
    const began = hostNow();
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    const ms = hostNow() - began;
    if (status !== 0) throw new Error(`drill ${args[0]} ended with ${status}:\n${stdout}${stderr}`);
    const usage = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ResourceUsage;
    const processor_ms = (usage.userCPUTime + usage.systemCPUTime) / 1_000;
    return { ms, processor_ms, mb: usage.maxRSS / 1_024 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
