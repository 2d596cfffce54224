// A process that tells a webhook of the end of a game day, and is killed just before its n-th change
// of the disk: `killed-notifier.ts DIRECTORY URL N`. Ends with 0 where it comes to its end before.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [directory = '', url = '', last = ''] = process.argv.slice(2);

let left = Number(last);
function counted<T extends object>(module: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    const real = module[name] as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]) => {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      return real(...args);
    };
    Object.assign(module, { [name]: counting });
  }
}
counted(promises, ['writeFile', 'link', 'rename', 'rm']);
counted(fs, ['mkdirSync', 'writeFileSync', 'rmSync']);
syncBuiltinESMExports();

const { howItEnded } = await import('../../src/gameday/day/happening.ts');
const { Notifier } = await import('../../src/gameday/notify/notifier.ts');
const { hostClock } = await import('../../src/host/clock.ts');
const { runsDirectory } = await import('../../src/archive/run-directory.ts');
const { failedDay, readOf } = await import('./gameday.ts');

const runs = runsDirectory(directory);
const reads = [readOf(`notify: [{ webhook: '${url}' }]`)];
const clock = hostClock();
const parts = {
  runs,
  directory,
  environment: {},
  clock,
  draw: () => 0,
  reads: () => reads,
  say: () => {},
};
const notifier = new Notifier(parts);
await notifier.tell(howItEnded(failedDay(runs)));
const unsent = await notifier.end(10_000, new AbortController().signal);
process.exit(unsent.length === 0 ? 0 : 1);
