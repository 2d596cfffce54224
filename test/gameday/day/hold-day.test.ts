// Game days on a machine where nothing comes up: what is run, in which order, and what is on the
// disk whenever the service is gone.
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { runIds } from '../../../src/archive/run-list.ts';
import type { GameDayRecord } from '../../../src/evidence/gameday-form.ts';
import { newRecord } from '../../../src/gameday/day/day.ts';
import {
  claimDay,
  dayOrders,
  listDays,
  lockSystem,
  scheduledId,
} from '../../../src/gameday/day/day-files.ts';
import type { Happening } from '../../../src/gameday/day/happening.ts';
import { holdDay, resumeDay } from '../../../src/gameday/day/hold-day.ts';
import type { DayOptions, DaySession } from '../../../src/gameday/day/run-day.ts';
import { readGameDay, type GameDayRead } from '../../../src/gameday/read.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { giveOrder } from '../../../src/session/operator/orders.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import type { SessionEvent } from '../../../src/session/session.ts';
import { compiledSchemas } from '../../support/evidence/valid-files.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { barrenSource } from '../../support/noop/barren.ts';

const DRILL = `drill: 1
name: one
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;
const DUE_MS = Date.UTC(2026, 11, 1, 9);

describe('a game day', () => {
  let directory = '';
  let interrupt = new AbortController();
  let seen: GameDayRecord[] = [];
  let happened: Happening[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-gameday-'));
    interrupt = new AbortController();
    seen = [];
    happened = [];
    for (const name of ['one', 'two']) {
      writeFileSync(join(directory, `${name}.yaml`), DRILL.replace('one', name));
    }
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const runs = () => runsDirectory(directory);
  const options = {
    ...{ limit_ms: null, against: null, clock: hostClock(), handsOver: true },
    source: barrenSource,
  };

  const session = (onEvent?: (event: SessionEvent) => void, onAsked = () => {}): DaySession => ({
    ...sessionIn({ directory, interrupt, told: [], onEvent }),
    onDay: (record) => void seen.push(record),
    tell: (happening) => Promise.resolve(void happened.push(happening)),
    onAsked,
  });

  async function read(more = '', environment = {}): Promise<GameDayRead> {
    const text = `gameday: 1\nname: weekly\ndrills: [one.yaml, two.yaml]\n${more}`;
    writeFileSync(join(directory, 'weekly.yaml'), text);
    const { read: found, diagnostics } = await readGameDay(
      'weekly.yaml',
      {},
      {
        ...session(),
        environment,
      },
    );
    expect(diagnostics).to.deep.equal([]);
    return found!;
  }

  const recordOf = (file: GameDayRead) => {
    const id = scheduledId('weekly', DUE_MS);
    return newRecord(file, { id, by: 'schedule', due_ms: DUE_MS, runs: runs() });
  };

  async function hold(
    file: GameDayRead,
    own = session(),
    conditions: DayOptions = options,
  ): Promise<GameDayRecord> {
    const day = { record: recordOf(file), drills: file.drills };
    const held = await holdDay(day, file.gameday, own, conditions);
    if ('busyWith' in held) throw new Error('it was not held');
    return held;
  }

  const statesOf = ({ drills }: GameDayRecord) => drills.map(({ state }) => state);

  it('stops after a drill that did not pass, and the rest proves nothing', async () => {
    const record = await hold(await read());
    expect(record.id).to.equal('20261201T090000Z-weekly');
    expect(statesOf(record)).to.deep.equal(['ended', 'skipped']);
    expect(record).to.deep.include({ verdict: 'environment', stop: null });
    expect(record.drills[0]!.outcome!.reasons.join()).to.include('East/postgres: expected');
    expect(listDays(runs())).to.deep.equal([record]);
    const { gameday } = compiledSchemas({ isClosed: true });
    expect(gameday(record), JSON.stringify(gameday.errors)).to.equal(true);
    expect(listSeries(runs()).map(({ id }) => id)).to.deep.equal([`${record.id}-1`]);
  });

  it('tells of its begin and its end before its record says so', async () => {
    const known: (string | null)[] = [];
    const telling = session();
    const record = await hold(await read(), {
      ...telling,
      tell: async (happening) => {
        const [before] = listDays(runs());
        known.push(before!.began_at, before!.verdict);
        await telling.tell(happening);
      },
    });
    expect(happened.map(({ event }) => event)).to.deep.equal(['started', 'ended']);
    expect(happened.at(-1)!.record).to.deep.equal(record);
    expect(known).to.deep.equal([null, null, record.began_at, null]);
  });

  it('goes on after it where the file says so', async () => {
    const record = await hold(await read('after_failure: continue\n'));
    expect(statesOf(record)).to.deep.equal(['ended', 'ended']);
    expect(seen.map(statesOf)).to.deep.equal([
      ['due', 'due'],
      ['ended', 'due'],
      ['ended', 'ended'],
      ['ended', 'ended'],
    ]);
  });

  it('is held once, whoever wants it', async () => {
    const file = await read();
    await hold(file);
    const again = { record: recordOf(file), drills: file.drills };
    expect(await holdDay(again, file.gameday, session(), options)).to.deep.equal({
      busyWith: null,
    });
    expect(runIds(runs())).to.have.length(1);
    expect(claimDay(recordOf(file))).to.equal(false);
  });

  it('waits its turn while another one is held', async () => {
    const file = await read();
    const held = lockSystem(runs(), 'other');
    const day = { record: recordOf(file), drills: file.drills };
    const answer = await holdDay(day, file.gameday, session(), options);
    expect(answer).to.deep.include({ busyWith: { by: 'game day other', owner: ownerOf(answer) } });
    expect(listDays(runs()), 'nothing is claimed').to.deep.equal([]);
    if ('release' in held) held.release();
    await hold(file);
  });

  const ownerOf = (answer: object) => {
    return (answer as { busyWith: { owner: unknown } | null }).busyWith?.owner;
  };

  it('that is interrupted stays open, and is gone on with: no drill twice, none left out', async () => {
    const file = await read('after_failure: continue\n');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('SIGTERM'));
    });
    const open = await hold(file, stopping);
    expect(open).to.include({ ended_at: null, verdict: null });
    expect(statesOf(open)).to.deep.equal(['ended', 'due']);
    interrupt = new AbortController();
    const day = { record: open, drills: file.drills };
    const record = (await resumeDay(day, file.gameday, session(), options)) as GameDayRecord;
    expect(statesOf(record)).to.deep.equal(['ended', 'ended']);
    expect(record.began_at).to.equal(open.began_at);
    expect(runIds(runs())).to.have.length(2);
    const over = await resumeDay(day, file.gameday, session(), options);
    expect(over, 'it is over').to.deep.equal({ busyWith: null });
  });

  it('that somebody stops who asked for it is over', async () => {
    const file = await read('after_failure: continue\n');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('Ctrl-C'));
    });
    const day = { record: recordOf(file), drills: file.drills };
    const own = { ...options, handsOver: false };
    const record = (await holdDay(day, file.gameday, stopping, own)) as GameDayRecord;
    expect(statesOf(record)).to.deep.equal(['ended', 'skipped']);
    expect(record.stop).to.deep.equal({ why: 'interrupted', text: 'Ctrl-C' });
    expect(record.verdict).to.equal('interrupted');
  });

  it('does not begin where a precondition does not hold, and says so', async () => {
    const node = JSON.stringify(process.execPath);
    const file = await read(`preconditions: [{ command: [${node}, -e, 'process.exit(3)'] }]\n`);
    const record = await hold(file);
    expect(record.stop!.why).to.equal('precondition');
    expect(record.stop!.text).to.include('code 3');
    expect(record).to.include({ began_at: null, verdict: 'environment' });
    expect(happened).to.deep.equal([{ event: 'blocked', record }]);
  });

  it('does not begin where nobody agreed to it in time, by its clock', async () => {
    const file = await read('approve: { by: operator, within: 10m }\n');
    const clock = new ManualClock();
    const record = await clock.runUntil(hold(file, session(), { ...options, clock }));
    const text = 'nobody agreed to it within 10 m 00 s';
    expect(record.stop).to.deep.equal({ why: 'not-approved', text });
    expect(clock.sleeping).to.equal(0);
  });

  it('shows nothing of the environment that a precondition needs', async () => {
    const url = 'http://127.0.0.1:9/TOKEN'.replace('TOKEN', () => '${env.TOKEN}');
    const own = { ...session(), environment: { TOKEN: 'secret-token' } };
    const file = await read(`preconditions: [{ url: '${url}' }]\n`, own.environment);
    const { stop } = await hold(file, own);
    expect(stop!.text).to.match(/^http:\S+\/\*\*\*: expected status 200/);
  });

  it('does not begin beside what a run has left', async () => {
    const left = join(runs(), '20261122T201317Z-one-3fa2');
    const file = await read('preconditions: [last-drill-was-clean]\n');
    await hold(file);
    const [run] = runIds(runs());
    rmSync(join(directory, '.drill', 'gamedays'), { recursive: true });
    expect((await hold(file)).stop, 'it was clean').to.equal(null);
    rmSync(join(directory, '.drill', 'gamedays'), { recursive: true });
    writeFileSync(join(runs(), run!, 'undo.ndjson'), '{"undo":"noop"}\n');
    expect(existsSync(left)).to.equal(false);
    const record = await hold(file);
    expect(record.stop!.text).to.include(`${run} left something on the machine`);
  });

  it('begins when somebody has agreed to it, and not before', async () => {
    const file = await read('approve: operator\n');
    let states: string[] = [];
    const asked = () => {
      states = listDays(runs()).map(({ began_at }) => String(began_at));
      setTimeout(() => giveOrder(dayOrders(runs(), recordOf(file).id), 'approve', 'a test'), 50);
    };
    const record = await hold(file, session(undefined, asked));
    expect(states).to.deep.equal(['null']);
    expect(record.approved!.by).to.match(/, by a test$/);
    expect(statesOf(record)).to.deep.equal(['ended', 'skipped']);
  });

  it('that waits for agreement when its service is stopped is left to the next one', async () => {
    const file = await read('approve: operator\n');
    const stop = () => void setTimeout(() => interrupt.abort(new Error('SIGTERM')), 20);
    const open = await hold(file, session(undefined, stop));
    expect(open).to.include({ began_at: null, ended_at: null });
    expect(listDays(runs())).to.deep.equal([open]);
    interrupt = new AbortController();
    const day = { record: recordOf(file), drills: file.drills };
    rmSync(join(directory, '.drill'), { recursive: true });
    const asked = { ...options, handsOver: false };
    const stopped = await holdDay(day, file.gameday, session(undefined, stop), asked);
    expect(stopped).to.deep.include({ stop: { why: 'interrupted', text: 'SIGTERM' } });
  });

  it('does not run a drill whose file was changed since it began', async () => {
    const file = await read('after_failure: continue\n');
    const stopping = session(({ type }) => {
      if (type === 'ended') interrupt.abort(new Error('SIGTERM'));
    });
    const open = await hold(file, stopping);
    interrupt = new AbortController();
    writeFileSync(join(directory, 'two.yaml'), DRILL.replace('one', 'two').replace('15s', '99s'));
    const { drills } = await read('after_failure: continue\n');
    const day = { record: open, drills };
    const record = (await resumeDay(day, file.gameday, session(), options)) as GameDayRecord;
    expect(record.drills[1]!.outcome!.reasons.join()).to.include(
      'two.yaml: expected the drill as it was when',
    );
    expect(record.drills[1]!.outcome!.verdict).to.equal('inconclusive');
  });
});
