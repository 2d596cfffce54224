// Runs of a session go to the shared history too, also after the database was gone, and what goes
// wrong there is told without the password and changes nothing of the drill.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { databaseAddress } from '../../../src/drill/database-address.ts';
import { historyOf } from '../../../src/session/history/past-runs.ts';
import { keepSending, outboxOf, runUpload } from '../../../src/session/history/share.ts';
import { sharedIn } from '../../../src/session/place.ts';
import { readDrill } from '../../../src/session/read.ts';
import { runTrials } from '../../../src/session/series.ts';
import type { Session, SessionEvent } from '../../../src/session/session.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { sessionIn } from '../../support/cli/session.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { barrenSource } from '../../support/noop/barren.ts';
import { HistoryDatabase } from '../../support/postgres/history-database.ts';

const DRILL = `drill: 1
name: outage
targets: { rto: 15s, rpo: 1s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;

const BARREN = { limit_ms: null, against: null, source: barrenSource };

describe('runs and the shared history', function () {
  this.timeout(60_000);
  let database: HistoryDatabase;
  let [directory, runs] = ['', ''];
  let told: SessionEvent[] = [];
  let interrupt = new AbortController();
  before(async () => (database = await HistoryDatabase.start()));
  after(async () => await database.stop());
  beforeEach(async () => {
    await database.empty();
    directory = mkdtempSync(join(tmpdir(), 'drill-shared-'));
    runs = runsDirectory(directory);
    [told, interrupt] = [[], new AbortController()];
    writeFileSync(join(directory, 'outage.yaml'), DRILL);
    writeFileSync(join(directory, 'drill.config.yaml'), `history: ${database.url}\n`);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const session = (): Session => sessionIn({ directory, interrupt, told });
  async function run(repeat: number | null = null, environment: Session['environment'] = {}) {
    const own = { ...session(), environment };
    const { drill } = await readDrill('outage.yaml', {}, own);
    const made = await runTrials([drill!], { ...ONCE_AS_STATED, repeat, flags: {} }, own, BARREN);
    return made.runs.map(({ result }) => result.id);
  }
  /** A run that could not be sent. */
  async function waits(): Promise<void> {
    const { drill } = await readDrill('outage.yaml', {}, session());
    mkdirSync(runs, { recursive: true });
    const id = plantRun(runs, drill!.plan, 1, { rto_ms: 1_000 });
    outboxOf(runs).add(runUpload(runs, id, null)!);
  }
  const stored = async () => {
    const rows = await database.query<{ id: string }>('select id from drill.runs order by id');
    return rows.map(({ id }) => id);
  };
  const warnings = () => told.flatMap((each) => (each.type === 'warning' ? [each.text] : []));

  it('has each run and each series, with the machine and who it was', async () => {
    const ids = await run(2);
    expect(await stored()).to.deep.equal(ids.toSorted());
    const [series] = await database.query<{ results: { verdict: string }[] }>(
      'select s.results from drill.series s join drill.runs r using (machine, who) limit 1',
    );
    expect(series!.results.map(({ verdict }) => verdict)).to.deep.equal(['environment']);
    expect(outboxOf(runs).waiting()).to.deep.equal([]);
    expect(warnings()).to.deep.equal([]);
  });

  it('has all runs once that ended while the database was gone, with the next one', async () => {
    await database.leave();
    let ids: string[] = [];
    try {
      for (let i = 0; i < 3; i++) ids = [...ids, ...(await run())];
    } finally {
      await database.comeBack();
    }
    // Told once, and not tried again at once: nobody waits for it three times.
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.match(/^shared history postgres:\/\/postgres@.*ECONNREFUSED/);
    expect(warnings()[0]).to.match(/; 1 result kept here, sent later$/);
    expect(outboxOf(runs).waiting()).to.have.length(3);
    rmSync(join(outboxOf(runs).folder, 'failed')); // as if half a minute had passed
    ids = [...ids, ...(await run())];
    expect(await stored()).to.deep.equal(ids.toSorted());
    expect(outboxOf(runs).waiting()).to.deep.equal([]);
    expect(warnings()).to.have.length(1);
  });

  it('is not waited for by whoever stops a run', async () => {
    const own = {
      ...session(),
      on: (event: SessionEvent) => {
        told.push(event);
        if (event.type === 'begun') interrupt.abort(new Error('Ctrl-C'));
      },
    };
    const { drill } = await readDrill('outage.yaml', {}, own);
    await runTrials([drill!], { ...ONCE_AS_STATED, flags: {} }, own, BARREN);
    expect(outboxOf(runs).waiting()).to.have.length(1);
  });

  it('tells that a run cannot even wait, and the run ends as it ends', async () => {
    mkdirSync(join(directory, '.drill'));
    writeFileSync(outboxOf(runs).folder, 'no folder');
    expect(await run()).to.have.length(1);
    expect(warnings().join()).to.match(/^not in the shared history postgres:.*/);
  });

  it('is off where the variable says so', async () => {
    await run(null, { DRILL_HISTORY: 'off' });
    expect(outboxOf(runs).waiting()).to.deep.equal([]);
    expect(await sharedIn({ directory, environment: { DRILL_HISTORY: '' } }, () => {})).to.equal(
      null,
    );
    expect(await sharedIn({ directory, environment: { DRILL_HISTORY: 'off' } }, () => {})).to.equal(
      null,
    );
  });

  it('is sent what waits by drill history sync, which says how much', async () => {
    await waits();
    const asked = async (environment: Record<string, string>) => {
      const screen = recordingScreen();
      const code = await runCli(['history', 'sync'], directory, screen, environment);
      return { code, out: screen.stdout.text(), err: screen.stderr.text() };
    };
    const gone = await asked({ DRILL_HISTORY: 'postgres://ada:secret@127.0.0.1:1/drill' });
    expect(gone.code).to.equal(4);
    expect(gone.out).to.match(
      /^to +postgres:\/\/ada@127\.0\.0\.1:1\/drill\nsent +0\nwaiting +1\n$/,
    );
    expect(gone.err).to.match(
      /^drill: connect ECONNREFUSED 127\.0\.0\.1:1 \(nobody listens .*\)\n$/,
    );
    const there = await asked({});
    expect([there.code, there.err]).to.deep.equal([0, '']);
    expect(there.out).to.match(/sent +1\nwaiting +0\n$/);
    const none = await asked({ DRILL_HISTORY: 'off' });
    expect([none.code, none.out]).to.deep.equal([2, '']);
  });

  it('is sent by drill history sync what was made before it was named, once', async () => {
    const { drill } = await readDrill('outage.yaml', {}, session());
    mkdirSync(runs, { recursive: true });
    const planted = (minute: number) => plantRun(runs, drill!.plan, minute, { rto_ms: 1_000 });
    const series = await run(2, { DRILL_HISTORY: 'off' });
    const [here, gone, changed] = [planted(1), planted(2), planted(3)] as const;
    historyOf(runs); // it is a line from now on
    rmSync(join(runs, gone), { recursive: true });
    const result = join(runs, changed, 'result.json');
    writeFileSync(result, readFileSync(result, 'utf8').replace('"pass"', '"fail"'));
    const asked = async (...words: string[]) => {
      const screen = recordingScreen();
      expect(await runCli(['history', 'sync', ...words], directory, screen)).to.equal(0);
      return screen.stdout.text();
    };
    expect(await asked()).to.match(
      /sent +4\nwaiting +0\nnot sent +1 run whose folder is gone\nnot sent +1 run not as written\n$/,
    );
    expect(await stored()).to.deep.equal([here, ...series].toSorted());
    expect(await database.query('select id from drill.series')).to.have.length(1);
    expect(JSON.parse(await asked('--json'))).to.deep.include({ sent: 0, gone: 1, changed: 1 });
  });

  it('is sent what waits by a service, which says once what is wrong, and when it went', async () => {
    await waits();
    const clock = new ManualClock();
    const stop = new AbortController();
    const said: string[] = [];
    const looks = [null, 'gone', 'gone', 'held', 'there', 'there', 'stop'] as const;
    let look = -1;
    const address = async () => {
      if (looks[look] === null) return null;
      return looks[look] === 'there'
        ? database.address
        : databaseAddress('postgres://x@127.0.0.1:1/y');
    };
    const isHeld = () => {
      if (looks[++look] === 'stop') stop.abort(new Error('over'));
      return looks[look] === 'held' || stop.signal.aborted;
    };
    await clock.runUntil(
      keepSending({ runs, clock, address, isHeld, say: (text) => said.push(text) }, stop.signal),
    );
    expect(said).to.have.length(2);
    expect(said[0]).to.match(
      /^shared history postgres:\/\/x@127\.0\.0\.1:1\/y: .*ECONNREFUSED.*; 1 result/,
    );
    expect(said[1]).to.match(/^1 result sent to postgres:\/\/postgres@/);
    expect(await stored()).to.have.length(1);
  });

  it('has no password in what is told of a wrong address', async () => {
    const wrong = ['history: mysql://ada:hunter2@db/drill', 'histroy: postgres://a:hunter2@db/d'];
    for (const text of [
      ...wrong,
      '{ history: postgres://a:hunter2@db/d, nonsense: 1 }',
      'history: [hunter2',
    ]) {
      writeFileSync(join(directory, 'drill.config.yaml'), `${text}\n`);
      const screen = recordingScreen();
      expect(await runCli(['check', 'outage.yaml'], directory, screen), text).to.equal(2);
      const said = screen.stdout.text() + screen.stderr.text();
      expect(said, text).to.include('drill.config.yaml:');
      if (text.includes('@')) expect(said, text).not.to.include('hunter2');
    }
    const screen = recordingScreen();
    const variable = { DRILL_HISTORY: 'mysql://ada:hunter2@db' };
    expect(await runCli(['check', 'outage.yaml'], directory, screen, variable)).to.equal(2);
    expect(screen.stdout.text() + screen.stderr.text()).not.to.include('hunter2');
  });
});
