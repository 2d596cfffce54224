// The database of a shared history, on a real PostgreSQL: its tables, what is sent to it, and what is
// told of one that does not answer or says no.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withHistory } from '../../../src/archive/shared/connect.ts';
import { migrate } from '../../../src/archive/shared/migrations.ts';
import { Outbox } from '../../../src/archive/shared/outbox.ts';
import { sendWaiting } from '../../../src/archive/shared/send.ts';
import { databaseAddress } from '../../../src/drill/database-address.ts';
import type { RunUpload, Upload } from '../../../src/evidence/history-form.ts';
import type { DrillRead } from '../../../src/session/read.ts';
import { openPast } from '../../support/evidence/past.ts';
import { plantRun } from '../../support/evidence/plant-run.ts';
import { LIMITS, runUpload, seriesUpload } from '../../support/evidence/upload.ts';
import { HistoryDatabase } from '../../support/postgres/history-database.ts';

const DRILL = fileURLToPath(new URL('../../../bin/drill.js', import.meta.url));

describe('the database of a shared history', function () {
  this.timeout(60_000);
  let database: HistoryDatabase;
  let [directory, runs] = ['', ''];
  let drill: DrillRead;
  let outbox: Outbox;
  before(async () => (database = await HistoryDatabase.start()));
  after(async () => await database.stop());
  beforeEach(async () => {
    await database.empty();
    ({ directory, runs, drill } = await openPast('{ rto: 15s }'));
    outbox = new Outbox(join(directory, '.drill', 'history-outbox'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const runOf = (minute: number, change: Partial<RunUpload> = {}) =>
    runUpload(runs, plantRun(runs, drill.plan, minute, { rto_ms: 1_000 + minute }), change);
  const seriesOf = (verdict: string, changed_ms: number) =>
    seriesUpload('20261128T000000Z-s-00aa', [{ verdict, trials: [] }], changed_ms);

  const send = async (url = database.url) =>
    await sendWaiting(outbox, databaseAddress(url)!, LIMITS);
  const sent = async (...uploads: readonly Upload[]) => {
    for (const each of uploads) outbox.add(each);
    return await send();
  };
  const stored = async () => await database.query('select * from drill.runs order by id');
  const migrated = async () => await withHistory(database.address, LIMITS, migrate);

  it('gets its tables once, however often it is connected to', async () => {
    await migrated();
    await migrated();
    expect(await database.query('select number from drill.migrations')).to.deep.equal([
      { number: 1 },
    ]);
  });

  it('gets them once from many connections that come at once', async () => {
    for (let round = 0; round < 5; round++) {
      await database.empty();
      await Promise.all(Array.from({ length: 4 }, migrated));
    }
    expect(await database.query('select number from drill.migrations')).to.have.length(1);
  });

  it('gets them from two processes that come at once', async () => {
    const other = new Outbox(join(directory, 'other', '.drill', 'history-outbox'));
    outbox.add(runOf(1));
    other.add(runOf(2));
    // What lies there would go too.
    rmSync(runs, { recursive: true });
    const environment = { ...process.env, DRILL_HISTORY: database.url };
    const sync = async (cwd: string) => {
      const options = { cwd, env: environment };
      return await promisify(execFile)(process.execPath, [DRILL, 'history', 'sync'], options);
    };
    const both = await Promise.all([sync(directory), sync(join(directory, 'other'))]);
    for (const { stdout } of both)
      expect(stdout).to.match(/sent +1\n +waiting +0|sent +1\s+waiting +0/);
    expect(await stored()).to.have.length(2);
    expect(await database.query('select number from drill.migrations')).to.have.length(1);
  });

  it('is left alone where a newer drill has changed its tables', async () => {
    await migrated();
    await database.query('insert into drill.migrations (number) values (9)');
    const { waiting, problems } = await sent(runOf(1));
    expect(waiting).to.equal(1);
    expect(problems.join()).to.match(/of a newer drill \(version 9, .* knows 1\): update drill/);
    expect(await stored()).to.deep.equal([]);
  });

  it('has a run once, with its result byte by byte', async () => {
    const run = runOf(1);
    expect(await sent(run)).to.deep.equal({ sent: 1, waiting: 0, problems: [] });
    expect(await sent(run)).to.deep.equal({ sent: 1, waiting: 0, problems: [] });
    const rows = await database.query<Record<string, unknown>>(
      `select machine, who, drill, verdict, entry->>'id' as id, result::text as result
       from drill.runs`,
    );
    expect(rows).to.deep.equal([
      {
        ...{ machine: 'build-7', who: 'ada', drill: 'region-outage', verdict: 'pass' },
        ...{ id: run.id, result: run.result },
      },
    ]);
  });

  it('has the newest state, in whatever order they come', async () => {
    const early = runOf(1, { who: 'early' });
    const late = { ...early, who: 'late', changed_ms: early.changed_ms + 1 };
    for (const each of [early, late, early]) await sent(each);
    expect((await stored()).map(({ who }) => who)).to.deep.equal(['late']);
    for (const each of [seriesOf('fail', 2), seriesOf('pass', 1)]) await sent(each);
    const series = await database.query(`select results->0->>'verdict' as said from drill.series`);
    expect(series).to.deep.equal([{ said: 'fail' }]);
  });

  it('tells another run of the same name from a newer state, and keeps both', async () => {
    const run = runOf(1);
    const entry = { ...run.entry, drill: { ...run.entry.drill, name: 'other' } };
    await sent(run);
    const second = await sent({ ...run, entry, changed_ms: run.changed_ms + 1 });
    expect(second.waiting).to.equal(1);
    expect(second.problems.join()).to.include(`another run is there as ${run.id} of build-7`);
    expect((await stored()).map((row) => row['drill'])).to.deep.equal(['region-outage']);
  });

  it('takes what has a character that no text there can have', async () => {
    const run = runOf(1);
    const facts = { ...run.facts, settings: { odd: 'a\u0000b' } };
    expect((await sent({ ...run, facts })).problems).to.deep.equal([]);
  });

  it('is sent what waits by its owner alone, others past a damaged one, which is kept', async () => {
    outbox.add(runOf(1));
    const [damaged = ''] = outbox.waiting();
    writeFileSync(join(outbox.folder, damaged), '{"schema":"drill.upl');
    outbox.add(runOf(2));
    const modes = [outbox.folder, join(outbox.folder, outbox.waiting()[1]!)].map((path) => {
      return (statSync(path).mode & 0o777).toString(8);
    });
    expect(modes).to.deep.equal(['700', '600']);
    const { problems, ...counts } = await send();
    expect(counts).to.deep.equal({ sent: 1, waiting: 0 });
    expect(problems).to.deep.equal([`${damaged} is damaged and was set aside: it is no JSON`]);
    expect(readdirSync(outbox.folder)).to.deep.equal([`${damaged}.damaged`]);
    expect((await send()).problems).to.deep.equal([]);
  });

  describe('that does not answer, or says no', () => {
    const mute: Server = createServer();
    before(() => new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve)));
    after(() => mute.close());

    const SECRET = 'hunter2-äß';
    const cases: readonly [string, () => string, RegExp][] = [
      ['a wrong password', () => database.urlOf('postgres', SECRET), /authentication failed/],
      [
        'an unknown host',
        () => `postgres://ada:${encodeURIComponent(SECRET)}@no-such-host.invalid/drill`,
        /no-such-host\.invalid/,
      ],
      ['a closed port', () => `postgres://ada:${SECRET}@127.0.0.1:1/drill`, /ECONNREFUSED/],
      [
        'one that takes the connection and is silent',
        () => `postgres://ada:${SECRET}@127.0.0.1:${(mute.address() as AddressInfo).port}/drill`,
        /timeout/,
      ],
      [
        'no database of that name',
        () => database.urlOf(...admin(), 'none'),
        /"none" does not exist/,
      ],
      [
        'no TLS where the address asks for it',
        () => `${database.url}?sslmode=verify-full`,
        /does not support SSL/,
      ],
      ['no right to make tables', () => database.powerless, /permission denied/],
    ];
    const admin = (): [string, string] => {
      const { username, password } = new URL(database.url);
      return [username, decodeURIComponent(password)];
    };

    for (const [name, url, words] of cases) {
      it(`is told as it says it, without the password, and nothing is lost: ${name}`, async () => {
        outbox.add(runOf(1));
        const { sent: count, waiting, problems } = await send(url());
        expect([count, waiting]).to.deep.equal([0, 1]);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.match(words);
        const { password } = new URL(url());
        for (const secret of [SECRET, password, decodeURIComponent(password)]) {
          expect(problems[0]).not.to.include(secret);
        }
        expect(readFileSync(join(outbox.folder, 'failed'), 'utf8')).to.equal(`${problems[0]}
`);
        expect((await send()).sent).to.equal(1);
        expect(await stored()).to.have.length(1);
      });
    }
  });
});
