// The kill switch: drills that run heal and end, none begins while it is there, and it is a file.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runIds } from '../../../src/archive/run-list.ts';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { exitOfMade } from '../../../src/cli/runs-beside.ts';
import { haltVerb } from '../../../src/cli/verbs/operator/orders.ts';
import { readJournal } from '../../../src/evidence/journal.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import {
  killSwitch,
  thrownBy,
  throwKillSwitch,
} from '../../../src/session/operator/kill-switch.ts';
import { readDrill } from '../../../src/session/read.ts';
import { bringUp } from '../../../src/session/run-one.ts';
import { runTrials } from '../../../src/session/series.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import { holdDay } from '../../../src/gameday/day/hold-day.ts';
import type { DaySession } from '../../../src/gameday/day/run-day.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { barrenSource } from '../../support/noop/barren.ts';
import { call } from '../../support/cli/drill-verbs.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { NOOP_DRILL, noopSource } from '../../support/noop/noop-source.ts';

const never = new AbortController().signal;

describe('the kill switch', () => {
  let directory = '';
  let runs = '';
  let told: SessionEvent[] = [];
  let onEvent: (event: SessionEvent) => void = () => {};
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-halt-'));
    runs = runsDirectory(directory);
    writeFileSync(join(directory, 'outage.yaml'), NOOP_DRILL);
    told = [];
    onEvent = () => {};
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const halt = async (args: object) => await call(haltVerb, { run: 'latest', ...args }, directory);
  const run = async (trials: number) => {
    const tested = { directory, interrupt: new AbortController(), told };
    const session = sessionIn({ ...tested, onEvent: (event) => onEvent(event) });
    const { drill } = await readDrill('outage.yaml', {}, session);
    const each = { ...ONCE_AS_STATED, repeat: trials, flags: {} };
    const options = { limit_ms: null, against: null, ...noopSource() };
    return await runTrials([drill!], each, session, options);
  };

  it('ends a drill that runs, with who threw it, and the trials after it', async () => {
    onEvent = (event) => {
      if (event.type !== 'event' || event.event.event !== 'steady.started') return;
      throwKillSwitch(runs, 'drill halt --all');
    };
    const made = await run(3);
    expect(made.runs).to.have.length(1);
    const { verdict, reasons, cleanup } = made.runs[0]!.result;
    expect(verdict).to.equal('interrupted');
    expect(reasons[0]).to.match(
      /^The run was interrupted by the kill switch, thrown by .+, by drill halt --all, at 20/,
    );
    expect(cleanup?.clean).to.equal(true);
  });

  it('between two trials keeps what was made, and makes no more', async () => {
    onEvent = (event) => {
      if (event.type === 'ended') throwKillSwitch(runs, 'drill halt --all');
    };
    const made = await run(3);
    expect(made.runs).to.have.length(1);
    expect(made.halted).to.match(/^the kill switch was thrown by .+, by drill halt --all, at 20/);
    expect(made.series?.file.trials.map(({ state }) => state)).to.deep.equal([
      'ended',
      'due',
      'due',
    ]);
    expect(exitOfMade(made, { interrupt: never })).to.equal(130);
  });

  it('ends a system that comes up', async () => {
    const tested = { directory, interrupt: new AbortController(), told };
    const session = sessionIn({ ...tested, onEvent: (event) => onEvent(event) });
    onEvent = (event) => {
      if (event.type === 'begun') throwKillSwitch(runs, 'drill halt --all');
    };
    const { drill } = await readDrill('outage.yaml', {}, session);
    const { up } = await bringUp(drill!, session);
    expect(up).to.equal(null);
    const [id] = runIds(runs);
    const { events } = readJournal(runFile(join(runs, id!), 'journal'));
    expect(events.find(({ event }) => event === 'run.interrupted')).to.have.property('by');
  });

  it('ends a game day with what was made, and comes to no other drill of it', async () => {
    writeFileSync(join(directory, 'other.yaml'), NOOP_DRILL.replace('outage', 'other'));
    const text = `gameday: 1\nname: weekly\nafter_failure: continue\ndrills:
  - { drill: outage.yaml, repeat: 3 }\n  - { drill: other.yaml }\n`;
    writeFileSync(join(directory, 'weekly.yaml'), text);
    onEvent = (event) => {
      if (event.type === 'ended') throwKillSwitch(runs, 'drill halt --all');
    };
    const tested = { directory, interrupt: new AbortController(), told };
    const session: DaySession = {
      ...sessionIn({ ...tested, onEvent: (event) => onEvent(event) }),
      onDay: () => {},
      onAsked: () => {},
      tell: () => Promise.resolve(),
    };
    const read = (await readGameDay('weekly.yaml', {}, session)).read!;
    const record = newRecord(read, { id: 'day', by: 'operator', due_ms: 0, runs });
    const options = { limit_ms: null, against: null, clock: hostClock(), handsOver: false };
    const source = { source: barrenSource };
    const day = { record, drills: read.drills };
    const held = await holdDay(day, read.gameday, session, { ...options, ...source });
    if (!('drills' in held)) throw new Error('somebody else held the day');
    const [first, second] = held.drills;
    expect(first?.outcome?.trials).to.deep.equal({ made: 1, planned: 3 });
    expect(first?.outcome?.reasons[0]).to.match(/^the kill switch was thrown by /);
    expect(second).to.include({ state: 'skipped', outcome: null });
    expect(held.stop).to.have.property('why', 'interrupted');
    expect(held.verdict).to.equal('interrupted');
  });

  it('says that nothing is halted where it cannot be thrown', async () => {
    writeFileSync(join(directory, 'file'), '');
    const error = await halt({ all: true, out: 'file' }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(UserError).and.to.include({ exitCode: 4 });
    expect((error as UserError).message).to.contain('NOTHING IS HALTED');
  });

  it('lets none begin, whoever made the file, and leaves nothing of it', async () => {
    mkdirSync(runs, { recursive: true });
    const makers = [
      () => throwKillSwitch(runs, 'drill halt --all'),
      () => writeFileSync(killSwitch(runs), ''),
      () => mkdirSync(killSwitch(runs)),
    ];
    for (const make of makers) {
      make();
      const error = await run(1).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UserError);
      expect((error as UserError).message).to.match(/^no drill begins here: the kill switch was /);
      expect((error as UserError).hint).to.contain('drill halt --clear');
      expect(runIds(runs)).to.deep.equal([]);
      expect((await halt({ clear: true })).code).to.equal(0);
      expect(existsSync(killSwitch(runs))).to.equal(false);
    }
  });

  it('is thrown and taken back by drill halt, which says so', async () => {
    const thrown = await halt({ all: true });
    expect(thrown.code).to.equal(0);
    expect(thrown.stdout).to.match(
      /^the kill switch is thrown \(.*\/halt\): no drill runs; none begins until .*drill halt --clear\n$/,
    );
    expect(thrownBy(runs)).to.match(/, by drill halt --all, at 20/);
    expect(statSync(killSwitch(runs)).mode & 0o777).to.equal(0o600);
    expect((await halt({ clear: true })).stdout).to.equal(
      'the kill switch is taken back: drills may run again\n',
    );
    expect(thrownBy(runs)).to.equal(null);
    expect((await halt({ clear: true })).stdout).to.match(/^no kill switch is thrown/);
  });

  it('is of all runs, and of one thing at a time', async () => {
    for (const args of [
      { all: true, clear: true },
      { all: true, run: 'x' },
      { clear: true, run: 'x' },
    ]) {
      const error = await halt(args).catch((thrown: unknown) => thrown);
      const code = error instanceof UserError ? error.exitCode : (error as { code: number }).code;
      expect(code).to.equal(2);
    }
    expect(existsSync(killSwitch(runs))).to.equal(false);
  });
});
