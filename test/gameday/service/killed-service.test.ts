// A service that is killed at any moment, as a process of its own with drills on `noop`: no drill of
// a game day is lost, none is made twice, and nothing is left broken.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listRuns } from '../../../src/archive/run-list.ts';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { randomStream } from '../../../src/base/random.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { readUndoLog } from '../../../src/evidence/undo.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import { claimDay, listDays, scheduledId } from '../../../src/gameday/day/day-files.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { lockHolders } from '../../../src/host/lock.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import { it } from '../../support/commands.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { NOOP_DRILL } from '../../support/noop/noop-source.ts';

const SERVICE = fileURLToPath(new URL('../../support/gameday/noop-service.ts', import.meta.url));
/** A drill takes some three seconds. */
const KILL_WITHIN_MS = 4_000;
const SEED = 7;

describe('a service of game days that is killed', function () {
  this.timeout(600_000);
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-killed-service-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const runs = () => runsDirectory(directory);

  /** So many days are due, each with two drills. */
  async function claim(days: number): Promise<void> {
    for (const name of ['one', 'two']) {
      writeFileSync(join(directory, `${name}.yaml`), NOOP_DRILL.replace('outage', name));
    }
    const text =
      'gameday: 1\nname: weekly\nafter_failure: continue\ndrills: [one.yaml, two.yaml]\n';
    writeFileSync(join(directory, 'weekly.yaml'), text);
    const session = sessionIn({ directory, interrupt: new AbortController(), told: [] });
    const { read } = await readGameDay('weekly.yaml', {}, session);
    for (let day = 1; day <= days; day++) {
      const due_ms = Date.UTC(2026, 10, day, 9);
      const id = scheduledId('weekly', due_ms);
      claimDay(newRecord(read!, { id, by: 'schedule', due_ms, runs: runs() }));
    }
  }

  /** Resolves when the service works. */
  async function start() {
    const child = spawn(process.execPath, ['--import=tsx', SERVICE, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit') as Promise<[number | null]>;
    await Promise.race([once(child.stdout, 'data'), ended]);
    return { child, ended };
  }

  async function killedSoOften(kills: number, days: number): Promise<void> {
    await claim(days);
    const random = randomStream(SEED);
    for (let kill = 0; kill < kills; kill++) {
      const { child, ended } = await start();
      await Promise.race([hostClock().sleep(random() * KILL_WITHIN_MS), ended]);
      child.kill('SIGKILL');
      await ended;
    }
    const { ended } = await start();
    expect(await ended).to.deep.equal([0, null]);
    expectAllHeld(days);
  }

  function expectAllHeld(days: number): void {
    const records = listDays(runs());
    expect(records).to.have.lengthOf(days);
    const trials: string[] = [];
    for (const { id, drills, stop } of records) {
      expect(stop, id).to.equal(null);
      for (const { state, series, outcome } of drills) {
        expect([state, outcome!.trials], series).to.deep.equal(['ended', { made: 1, planned: 1 }]);
        const file = listSeries(runs()).find((each) => each.id === series)!;
        expect(
          file.trials.map((each) => each.state),
          series,
        ).to.deep.equal(['ended']);
        trials.push(file.trials[0]!.run!);
      }
    }
    const made = listRuns(runs());
    // A run that was broken off has no result; whatever has one is the trial of a drill.
    const whole = made.flatMap(({ id, result }) => (result === null ? [] : [id]));
    expect(whole.toSorted()).to.deep.equal(trials.toSorted());
    for (const { id, directory: place } of made) {
      // One that was killed before it wrote its log has done nothing yet.
      if (!existsSync(runFile(place, 'undo'))) continue;
      const { entries } = readUndoLog(runFile(place, 'undo'));
      expect(entries.at(-1)!.undo, id).to.equal('done');
    }
    const folder = join(runs(), '..', 'gamedays');
    const locks = readdirSync(folder).filter((name) => name.endsWith('.lock'));
    // A file of one that was killed after the end of its day stays, and holds nothing.
    const holders = locks.flatMap((name) => lockHolders(join(folder, name)));
    expect(holders).to.deep.equal([]);
  }

  it('twice has held each drill of each day once', async () => await killedSoOften(2, 1));

  it.full('30 times has held each drill of each day once', async () => {
    await killedSoOften(30, 6);
  });
});
