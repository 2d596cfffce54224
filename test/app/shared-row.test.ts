// Updates of shared rows through the orders service, in front of a real PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostClock } from '../../src/host/clock.ts';
import { RUN_HEADER } from '../../src/host/http.ts';
import { RUN_MARK } from '../../src/host/process/processes.ts';
import { startProgram, type Program } from '../../src/host/program/program.ts';
import { insertSharedRows } from '../../src/postgres/server/shared-rows.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';

const clock = hostClock();

describe('updates of shared rows', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let directory: string;
  let program: Program;
  let url: string;

  const post = async (
    key: number | string,
    body: unknown,
    headers: Record<string, string> = { [RUN_HEADER]: 'run-1' },
  ) => {
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    const response = await fetch(`${url}/stock/${key}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const update = (sequence: number, writer = 2001) => ({ writer, sequence, payload: 'abc' });
  const historyOf = async (key: number) => {
    const [row] = await database.query<{ history: string[]; region: string; isNew: boolean }>(
      `select history, region, updated > now() - interval '1 minute' as "isNew"
       from stock where key = ${key}`,
    );
    return row;
  };

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drill-stock-'));
    database = await startTestDatabase();
    program = startProgram({
      title: 'east/app-1',
      module: new URL('../../src/app/main.ts', import.meta.url),
      env: { ...process.env, [RUN_MARK]: 'run-1' },
      logFile: join(directory, 'app.log'),
    });
    const { host, port } = (await program.request('start', {
      ...{ origin_ms: 0, node: 'east/app-1', region: 'east', capacity_per_s: 1000 },
      database: database.address(),
    })) as { host: string; port: number };
    url = `http://${host}:${port}`;
  });
  beforeEach(async () => {
    await database.query('truncate stock');
    await database.query(insertSharedRows(4));
  });
  after(async () => {
    program.release();
    await program.exited;
    await database.stop();
    rmSync(directory, { recursive: true });
  });

  it('are made once for each key, however often they are asked for', async () => {
    await database.query(insertSharedRows(6));
    const rows = await database.query<{ key: number }>('select key from stock order by key');
    expect(rows.map(({ key }) => key)).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('append their id to the history of that row alone, in one commit', async () => {
    const { status, body } = await post(2, update(1));
    expect(status).to.equal(201);
    expect(body).to.deep.equal({ node: 'east/app-1', timeline: 1 });
    await post(2, update(7, 2003));
    expect(await historyOf(2)).to.deep.equal({
      ...{ history: ['2001-1', '2003-7'], region: 'east', isNew: true },
    });
    expect(await historyOf(1)).to.deep.equal({ history: [], region: '', isNew: null });
    expect(await database.query('select from orders')).to.deep.equal([]);
  });

  it('all stand in the history when many come at once', async () => {
    const sequences = Array.from({ length: 60 }, (_, at) => at + 1);
    const answers = await Promise.all(sequences.map((sequence) => post(3, update(sequence))));
    const done = answers.filter(({ status }) => status === 201);
    expect(done).to.have.length(60);
    const { history } = (await historyOf(3))!;
    expect(history).to.have.members(sequences.map((sequence) => `2001-${sequence}`));
  });

  it('are refused, definitely, for a row that there is not', async () => {
    const { status, body } = await post(5, update(1));
    expect(status).to.equal(404);
    expect(body).to.deep.equal({
      ...{ node: 'east/app-1', error: 'there is no such row', definite: true },
    });
    for (const key of ['', 'x', '-1', '1/2', '99999999999']) {
      const refused = await post(key, update(1));
      expect({ key, status: refused.status, definite: refused.body['definite'] }).to.deep.equal({
        ...{ key, status: 404, definite: true },
      });
    }
  });

  it('are refused, definitely, when the body is wrong or another run is meant', async () => {
    const bad = await post(1, { writer: 1, sequence: 1 });
    expect([bad.status, bad.body['definite']]).to.deep.equal([400, true]);
    const other = await post(1, update(1), { [RUN_HEADER]: 'run-2' });
    expect([other.status, other.body['definite']]).to.deep.equal([421, true]);
    expect((await historyOf(1))!.history).to.deep.equal([]);
  });

  it('are not called definite when their connection ends before the answer', async () => {
    await database.query(`alter system set synchronous_standby_names = 'nobody'`);
    await database.query('select pg_reload_conf()');
    await clock.sleep(100);
    const waiting = post(4, update(1));
    const ended = async () => {
      const rows = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'
           and query like 'update stock%'`,
      );
      return rows.length > 0;
    };
    for (let i = 0; i < 100 && !(await ended()); i++) await clock.sleep(10);
    const { status, body } = await waiting;
    await database.query('alter system reset synchronous_standby_names');
    await database.query('select pg_reload_conf()');
    expect(body['definite']).to.not.equal(true);
    expect(status).to.be.oneOf([202, 503]);
    expect((await historyOf(4))!.history).to.deep.equal(['2001-1']);
  });
});
