// `drill history` and `drill status` with a shared history: what other machines tell is shown as
// told, proves nothing here, and a database that is gone or forged harms nobody.
import { expect } from 'chai';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunUpload } from '../../../src/evidence/history-form.ts';
import type { DrillRead } from '../../../src/session/read.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { openPast } from '../../support/evidence/past.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { passed, rtoGate } from '../../support/evidence/results.ts';
import { runUpload, sendFrom, seriesUpload } from '../../support/evidence/upload.ts';
import { HistoryDatabase } from '../../support/postgres/history-database.ts';

const MISSED = { verdict: 'fail', gates: [{ ...rtoGate, verdict: 'fail' }] } as const;

describe('a shared history as verbs show it', function () {
  this.timeout(60_000);
  let database: HistoryDatabase;
  let [directory, runs] = ['', ''];
  let drill: DrillRead;
  before(async () => (database = await HistoryDatabase.start()));
  after(async () => await database.stop());
  beforeEach(async () => {
    await database.empty();
    ({ directory, runs, drill } = await openPast('{ rto: 15s }'));
    writeFileSync(join(directory, 'drill.config.yaml'), `history: ${database.url}\n`);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function drilled(...argv: string[]) {
    const screen = recordingScreen();
    const code = await runCli(argv, directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  /** A run that was made elsewhere: nothing of it is here. */
  async function elsewhere(
    minute: number,
    change: Parameters<typeof plantRun>[3]['change'] = {},
    own: Partial<RunUpload> = {},
  ): Promise<string> {
    const id = plantRun(runs, drill.plan, minute, { rto_ms: 1_000 + minute, change });
    const upload = runUpload(runs, id, own);
    rmSync(join(runs, id), { recursive: true });
    await sendFrom(directory, database.address, [upload]);
    return id;
  }
  const here = (minute: number) => plantRun(runs, drill.plan, minute, { rto_ms: 1_000 + minute });

  it('has each machine by itself, and names it', async () => {
    const own = here(1);
    await elsewhere(2);
    await sendFrom(directory, database.address, [runUpload(runs, own)]);
    const { out, err } = await drilled('history');
    expect(err).to.equal('');
    const [first = '', second = '', ...more] = out.split('\n\n');
    expect(more).to.deep.equal([]);
    expect(first)
      .to.match(/1 run · last 2026-11-28 00:01/)
      .and.not.include('build-7');
    expect(second).to.match(/1 run · last 2026-11-28 00:02/);
    expect(second).to.include('on build-7, as ada told it there; not verified here');
    expect((await drilled('history', '--local')).out.trim()).to.equal(first.trim());
    const json = JSON.parse((await drilled('history', '--json')).out) as { machine: unknown }[];
    expect(json.map(({ machine }) => machine)).to.deep.equal([null, 'build-7']);
    expect((await drilled('history', 'region-outage')).out).to.include('as told');
  });

  it('has no pass for what only another machine says passed', async () => {
    appendFileSync(join(directory, 'drill.yaml'), 'max_age: 3650d\n');
    await elsewhere(2);
    const told = await drilled('status', 'drill.yaml');
    expect(told.code).to.equal(1);
    expect(told.out).to.match(/region-outage +never run/);
    expect(told.out).to.match(/region-outage on build-7 +unverified/);
    expect(told.out).to.include('not verified here, and no pass here');
    here(3);
    const proved = await drilled('status', 'drill.yaml');
    expect([proved.code, proved.err]).to.deep.equal([0, '']);
  });

  it('lets a failure elsewhere stand by itself: the pass here is proved', async () => {
    here(1);
    await elsewhere(2);
    await elsewhere(3, MISSED);
    const { out } = await drilled('status');
    expect(out).to.match(/region-outage +passed/);
    expect(out).to.match(/region-outage on build-7 +failed/);
  });

  it('says of a series elsewhere what its rule came to there', async () => {
    const entryOf = (id: string) => ({ ...runUpload(runs, id).entry, series: 's-1' });
    for (const [minute, change] of [
      [1, MISSED],
      [2, {}],
    ] as const) {
      const id = plantRun(runs, drill.plan, minute, { rto_ms: 1_000, change });
      const upload = runUpload(runs, id, { entry: entryOf(id) });
      const trials = [{ run: id }];
      const series = seriesUpload(`2026112${minute}T000000Z-s`, [{ verdict: 'pass', trials }]);
      await sendFrom(directory, database.address, [upload, series]);
      rmSync(join(runs, id), { recursive: true });
    }
    expect((await drilled('history')).out).to.match(/^ ?PASS/);
    await database.query('delete from drill.series');
    expect((await drilled('history')).out).to.match(/^ ?FAIL/);
  });

  it('compares with a run of another machine, and names it', async () => {
    here(1);
    await elsewhere(2);
    const { out } = await drilled('history', 'compare', '20261128T000100Z', '20261128T000200Z');
    expect(out).to.include('on build-7, as ada told it there; not verified here');
  });

  it('shows the files where the database is gone or newer, and says so', async () => {
    here(1);
    writeFileSync(
      join(directory, 'drill.config.yaml'),
      'history: postgres://a:pw-x@127.0.0.1:1/d\n',
    );
    const gone = await drilled('history');
    expect(gone.code).to.equal(0);
    expect(gone.out).to.include('1 run');
    expect(gone.err).to.match(
      /^drill: warning: shared history postgres:\/\/a@127\.0\.0\.1:1\/d: connect ECONNREFUSED .*; this is only the files here\n$/,
    );
    writeFileSync(join(directory, 'drill.config.yaml'), `history: ${database.url}\n`);
    await elsewhere(2);
    await database.query('insert into drill.migrations (number) values (99)');
    const newer = await drilled('history');
    expect(newer.out).not.to.include('build-7');
    expect(newer.err).to.include('update drill here; this is only the files here');
  });

  it('shows nothing of another machine where nothing was sent yet', async () => {
    here(1);
    expect((await drilled('history')).err).to.equal('');
    expect(
      await database.query(`select 1 from pg_namespace where nspname = 'drill'`),
    ).to.deep.equal([]);
  });

  it('leaves out rows that no drill wrote, and drives no terminal', async () => {
    const good = await elsewhere(2);
    await elsewhere(3, { drill: { ...passed.drill, name: 'evil\u001b]0;x\u0007' } });
    await elsewhere(4, {}, { machine: 'odd\u001b[31m' });
    await elsewhere(5, {}, { id: '20261128T000900Z-region-outage-00aa' });
    await elsewhere(6);
    await database.query(
      `update drill.runs set entry = jsonb_set(entry, '{verdict}', '"green"')
       where id like '%T000600Z%'`,
    );
    for (const words of [['history'], ['status'], ['history', '--json']]) {
      const { out, err } = await drilled(...words);
      for (const each of ['\u001b', '\u0007']) expect(out + err).not.to.include(each);
      expect(err.match(/left out: /g)).to.have.length(4);
      expect(err).to.include('verdict: expected');
      expect(out).to.include(
        words.includes('status') ? 'on build-7' : words.length > 1 ? good : '1 run',
      );
    }
  });
});
