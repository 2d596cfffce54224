// A service of game days that shares them with others, as a program of its own with drills on
// `noop`: it can be killed at any moment. Its arguments are its folder, its name and the lease; it
// says `ready`, `begun` at each run, and ends when it is told to.
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { databaseAddress } from '../../../src/drill/database-address.ts';
import { resumeDay } from '../../../src/gameday/day/hold-day.ts';
import type { DaySession } from '../../../src/gameday/day/run-day.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { Service } from '../../../src/gameday/service/service.ts';
import { SharedDays } from '../../../src/gameday/service/shared-days.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { SharedQueue } from '../../../src/queue/queue.ts';
import { cleanBrokenOff } from '../../../src/session/clean.ts';
import { sessionIn } from '../cli/session.ts';
import { noopSource } from '../noop/noop-source.ts';

const [directory, name, lease_s] = process.argv.slice(2) as [string, string, string];
const interrupt = new AbortController();
process.once('SIGTERM', () => interrupt.abort(new Error('SIGTERM')));
const clock = hostClock();
const say = (text: string) => void process.stdout.write(`${text}\n`);
const session: DaySession = {
  ...sessionIn({
    ...{ directory, interrupt, told: [] },
    onEvent: ({ type }) => {
      if (type === 'begun') say('begun');
    },
  }),
  onDay: () => {},
  onAsked: () => {},
  tell: async () => {},
};
const { read } = await readGameDay('weekly.yaml', {}, session);
const runs = runsDirectory(directory);
await cleanBrokenOff(runs, session);
const queue = await SharedQueue.open(databaseAddress(process.env['DRILL_QUEUE']!)!, {
  lease_s: Number(lease_s),
});
const options = { limit_ms: null, against: null, handsOver: true, clock, ...noopSource() };
const days = new SharedDays({
  ...{ runs, clock, place: session, reads: () => [read!], queue, name, say },
  hold: (day, conditions, own) => resumeDay(day, conditions, { ...session, ...own }, options),
  ...{ tell: ({ kind, record }) => say(`${kind} ${record.id}`), notify: async () => {} },
  adopt: async () => null,
});
say('ready');
// Nothing becomes due: what is to be held was sent before.
await new Service([], {}, days, { clock, lookEvery_ms: 100 }).run(interrupt.signal);
await queue.close();
