// A worker as a program of its own, with drills on `noop`: it can be killed at any moment. Its
// arguments are its folder, its name and the lease; it says `ready`, and ends when it is told to.
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { databaseAddress } from '../../../src/drill/database-address.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { cleanBrokenOff } from '../../../src/session/clean.ts';
import { workOn } from '../../../src/session/queue/worker.ts';
import { sessionIn } from '../cli/session.ts';
import { noopSource } from '../noop/noop-source.ts';

const [directory, name, lease_s] = process.argv.slice(2) as [string, string, string];
const interrupt = new AbortController();
process.once('SIGTERM', () => interrupt.abort(new Error('SIGTERM')));
const told = process.stdout;
const session = sessionIn({
  ...{ directory, interrupt, told: [] },
  onEvent: ({ type }) => {
    if (type === 'begun') told.write('begun\n');
  },
});
const runs = runsDirectory(directory);
await cleanBrokenOff(runs, session);
const queue = await SharedQueue.open(databaseAddress(process.env['DRILL_QUEUE']!)!, {
  lease_s: Number(lease_s),
});
told.write('ready\n');
await workOn(session, {
  ...{ queue, name, runs, ...noopSource(), requireAble: async () => {} },
  runtimes: ['embedded'],
  say: (text) => void told.write(`${text}\n`),
});
await queue.close();
