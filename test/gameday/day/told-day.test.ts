// What of a game day is told while its drills run, on a machine in memory.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import type { Happening } from '../../../src/gameday/day/happening.ts';
import { holdDay } from '../../../src/gameday/day/hold-day.ts';
import type { DaySession } from '../../../src/gameday/day/run-day.ts';
import { messageOf } from '../../../src/gameday/notify/message.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { NOOP_DRILL, noopSource } from '../../support/noop/noop-source.ts';

describe('a game day that is told', () => {
  it('says when it begins, when each disaster is declared, and what came of it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-told-'));
    try {
      writeFileSync(join(directory, 'one.yaml'), NOOP_DRILL);
      const text = 'gameday: 1\nname: weekly\ndrills: [{ drill: one.yaml, repeat: 2 }]\n';
      writeFileSync(join(directory, 'weekly.yaml'), text);
      const happened: Happening[] = [];
      const session: DaySession = {
        ...sessionIn({ directory, interrupt: new AbortController(), told: [] }),
        onDay: () => {},
        onAsked: () => {},
        tell: (happening) => Promise.resolve(void happened.push(happening)),
      };
      const read = (await readGameDay('weekly.yaml', {}, session)).read!;
      const of = { id: 'day', by: 'operator', due_ms: 0, runs: runsDirectory(directory) } as const;
      const day = { record: newRecord(read, of), drills: read.drills };
      const options = { limit_ms: null, against: null, clock: hostClock(), handsOver: false };
      const held = await holdDay(day, read.gameday, session, { ...options, ...noopSource() });
      const ids = happened.map((each) => messageOf(each, [], 0).id);
      // Of the second trial the same id: whoever was told of the first is not told again.
      expect(ids).to.deep.equal(['day-started', 'day-1-declared', 'day-1-declared', 'day-ended']);
      const [, declared, , ended] = happened.map((each) => messageOf(each, [], 0).text);
      expect(declared).to.match(/^Game day weekly: the disaster of .* was declared \(automatic/);
      // The drills run on the host's clock: a busy machine makes them inconclusive.
      if (!('verdict' in held)) throw new Error('somebody else held the day');
      const verdict = held.verdict!.toUpperCase();
      expect(verdict).to.be.oneOf(['PASS', 'INCONCLUSIVE']);
      const first = `Game day weekly has ended: ${verdict}, 1 drill: 1 ${verdict}\n`;
      expect(ended).to.satisfy((text: string) => text.startsWith(first));
      expect(ended).to.include('promised at');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
