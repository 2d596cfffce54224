// The service of game days as a program of its own, with drills on `noop`: it can be killed at any
// moment. It says `ready`, holds what is open in the folder that is named, and ends when none is.
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { listDays } from '../../../src/gameday/day/day-files.ts';
import { resumeDay } from '../../../src/gameday/day/hold-day.ts';
import type { DaySession } from '../../../src/gameday/day/run-day.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { cleanBrokenOff } from '../../../src/session/clean.ts';
import { DaysOnDisk } from '../../../src/gameday/service/days-on-disk.ts';
import { Service } from '../../../src/gameday/service/service.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { sessionIn } from '../cli/session.ts';
import { noopSource } from '../noop/noop-source.ts';

const LOOK_EVERY_MS = 100;

const directory = process.argv[2]!;
const interrupt = new AbortController();
const clock = hostClock();
const session: DaySession = {
  ...sessionIn({ directory, interrupt, told: [] }),
  onDay: () => {},
  onAsked: () => {},
  tell: async () => {},
};
const { read } = await readGameDay('weekly.yaml', {}, session);
const runs = runsDirectory(directory);
await cleanBrokenOff(runs, session);
const own = { limit_ms: null, against: null, handsOver: true, clock, ...noopSource() };
const days = new DaysOnDisk({
  ...{ runs, clock, place: session, reads: () => [read!] },
  hold: (day, conditions) => resumeDay(day, conditions, session, own),
  ...{ tell: () => {}, notify: async () => {}, adopt: async () => null },
});
// Nothing becomes due: what is to be held was claimed before.
const service = new Service([], {}, days, { clock, lookEvery_ms: LOOK_EVERY_MS });
process.stdout.write('ready\n');
const working = service.run(interrupt.signal);
while (listDays(runs).some(({ ended_at }) => ended_at === null)) await clock.sleep(LOOK_EVERY_MS);
interrupt.abort(new Error('all are held'));
await working;
