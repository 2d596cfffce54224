// The orders service, as the program that it is, in front of a real PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BY_HAND, type AppSettings } from '../../src/app/protocol.ts';
import { hostClock } from '../../src/host/clock.ts';
import { RUN_HEADER } from '../../src/host/http.ts';
import { RUN_MARK } from '../../src/host/process/processes.ts';
import { startProgram, type Program } from '../../src/host/program/program.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';

const clock = hostClock();

describe('orders service', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let directory: string;
  const programs: Program[] = [];
  let url: string;

  const startApp = async (changes: Partial<AppSettings> = {}, run = 'run-1') => {
    const program = startProgram({
      title: 'east/app-1',
      module: new URL('../../src/app/main.ts', import.meta.url),
      env: { ...process.env, [RUN_MARK]: run },
      logFile: join(directory, 'app.log'),
    });
    programs.push(program);
    const settings: AppSettings = {
      origin_ms: 0,
      node: 'east/app-1',
      region: 'east',
      capacity_per_s: 1000,
      database: database.address(),
      ...changes,
    };
    const { host, port } = (await program.request('start', settings)) as {
      host: string;
      port: number;
    };
    return { program, url: `http://${host}:${port}` };
  };
  const call = async (path: string, init: RequestInit = {}, at = url) => {
    const response = await fetch(at + path, { headers: { [RUN_HEADER]: 'run-1' }, ...init });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const post = (body: unknown, at = url) =>
    call('/orders', { method: 'POST', body: JSON.stringify(body) }, at);
  const order = (sequence: number) => ({ writer: 1, sequence, payload: 'abc' });

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drill-orders-'));
    database = await startTestDatabase();
    ({ url } = await startApp());
  });
  after(async () => {
    for (const program of programs) program.release();
    await Promise.all(programs.map((program) => program.exited));
    await database.stop();
    rmSync(directory, { recursive: true });
  });

  it('commits an order and says by which node and on which timeline', async () => {
    const { status, body } = await post(order(1));
    expect(status).to.equal(201);
    expect(body).to.deep.equal({ node: 'east/app-1', timeline: 1 });
    const rows = await database.query('select writer, sequence, payload, region from orders');
    expect(rows).to.deep.equal([{ writer: 1, sequence: '1', payload: 'abc', region: 'east' }]);
  });

  it('names its run in every reply', async () => {
    for (const path of ['/healthz', '/readyz', '/orders/1-1', '/nowhere']) {
      expect((await fetch(url + path)).headers.get(RUN_HEADER), path).to.equal('run-1');
    }
  });

  it('stores nothing and shows nothing for the clients of another run', async () => {
    const to = (run: string, sequence: number) =>
      call('/orders', {
        method: 'POST',
        body: JSON.stringify({ ...order(sequence), writer: 4 }),
        headers: { [RUN_HEADER]: run },
      });
    const refused = { status: 421, definite: true };
    const { status, body } = await to('run-2', 1);
    expect({ status, definite: body['definite'] }).to.deep.equal(refused);
    expect((await to('run-1', 2)).status).to.equal(201);
    const read = await call('/orders/4-2', { headers: { [RUN_HEADER]: 'run-2' } });
    expect({ status: read.status, definite: read.body['definite'] }).to.deep.equal(refused);
    const rows = await database.query('select sequence from orders where writer = 4');
    expect(rows).to.deep.equal([{ sequence: '2' }]);
  });

  it('stores nothing and shows nothing for a stranger, and says what it expects', async () => {
    const asked = { method: 'POST', body: JSON.stringify({ ...order(3), writer: 4 }), headers: {} };
    for (const reply of [
      await call('/orders', asked),
      await call('/stock/1', asked),
      await call('/orders/4-2', { headers: {} }),
    ]) {
      expect(reply.status).to.equal(421);
      expect(reply.body).to.deep.include({ definite: true });
      expect(reply.body['error']).to.equal(
        'this is an instance of the run run-1: expected the header x-drill-run: run-1, found none',
      );
    }
    expect((await call('/readyz', { headers: {} })).status).to.equal(200);
    const rows = await database.query('select sequence from orders where writer = 4');
    expect(rows).to.deep.equal([{ sequence: '2' }]);
  });

  it('serves whoever asks where no drill made it, and no run', async () => {
    const { url: byHand } = await startApp({}, BY_HAND);
    const hello = { method: 'POST', body: JSON.stringify({ ...order(1), writer: 5 }), headers: {} };
    expect((await call('/orders', hello, byHand)).status).to.equal(201);
    expect((await call('/orders/5-1', { headers: {} }, byHand)).status).to.equal(200);
    expect(
      (await call('/orders', { ...hello, headers: { [RUN_HEADER]: 'run-1' } }, byHand)).status,
    ).to.equal(421);
  });

  it('finds an order by its id, with its payload', async () => {
    await post(order(2));
    const { status, body } = await call('/orders/1-2');
    expect(status).to.equal(200);
    expect(body).to.include({
      node: 'east/app-1',
      writer: 1,
      sequence: 2,
      payload: 'abc',
      copies: 1,
    });
  });

  it('stores an order that comes twice twice, and says so', async () => {
    await post(order(3));
    await post(order(3));
    expect((await call('/orders/1-3')).body).to.include({ copies: 2 });
  });

  it('says that an order which is not there is not there', async () => {
    const { status, body } = await call('/orders/9-9');
    expect(status).to.equal(404);
    expect(body).to.include({ node: 'east/app-1', error: 'there is no order 9-9' });
  });

  const BAD: [string, unknown, RegExp][] = [
    ['no writer', { sequence: 1, payload: '' }, /^writer must be .* got nothing$/],
    ['a writer that is a string', { writer: '1', sequence: 1, payload: '' }, /got "1"$/],
    ['a negative sequence', { writer: 1, sequence: -1, payload: '' }, /^sequence must be/],
    ['a fraction', { writer: 1, sequence: 1.5, payload: '' }, /got 1\.5$/],
    ['a payload that is a number', { writer: 1, sequence: 1, payload: 5 }, /^payload must be/],
    ['a NUL in the payload', { writer: 1, sequence: 1, payload: 'a\0' }, /U\+0000/],
    ['a list', [1, 2], /must be an object/],
  ];
  for (const [what, bad, message] of BAD) {
    it(`refuses ${what}, definitely`, async () => {
      const { status, body } = await post(bad);
      expect(status).to.equal(400);
      expect(body).to.include({ definite: true, node: 'east/app-1' });
      expect(body['error']).to.match(message);
    });
  }

  it('refuses a body that is not JSON, and one that is too long', async () => {
    const broken = await call('/orders', { method: 'POST', body: '{"writer":' });
    expect(broken.status).to.equal(400);
    expect(broken.body['error']).to.equal('the body is not JSON');
    const long = await post({ writer: 1, sequence: 1, payload: 'x'.repeat(1024 * 1024) });
    expect(long.status).to.equal(413);
    expect(long.body).to.include({ definite: true });
  });

  it('refuses, definitely, what is over its capacity', async () => {
    const app = await startApp({ capacity_per_s: 20 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post(order(1000 + i), app.url)),
    );
    const done = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(
      ({ status, body }) => status === 503 && body['definite'] === true,
    );
    // A quarter of a second's worth at once, and what the time of the calls adds.
    expect(done.length).to.be.within(5, 12);
    expect(done.length + refused.length).to.equal(20);
  });

  it('refuses, definitely, while its database is read-only, and is not ready then', async () => {
    expect((await call('/readyz')).status).to.equal(200);
    const { user } = database.credentials.workload;
    const app = async (isReadOnly: boolean) => {
      await database.query(
        `alter role ${user} set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
      );
      return await startApp();
    };
    const { url: at } = await app(true);
    const { status, body } = await post(order(5), at);
    expect(status).to.equal(503);
    expect(body).to.include({ definite: true });
    expect(body['error']).to.match(/^25006 /);
    expect((await call('/readyz', {}, at)).status).to.equal(503);
    await app(false);
    expect((await call('/healthz', {}, at)).status).to.equal(200);
  });

  it('answers 202 with the warning when the wait for the standby was cancelled', async () => {
    await database.query(`alter system set synchronous_standby_names = 'nobody'`);
    await database.query('select pg_reload_conf()');
    await clock.sleep(100);
    const waiting = post(order(6));
    const cancelled = async () => {
      const rows = await database.query<{ done: boolean }>(
        `select pg_cancel_backend(pid) as done from pg_stat_activity where wait_event = 'SyncRep' ` +
          `and query like 'insert into orders%'`,
      );
      return rows.length > 0;
    };
    for (let i = 0; i < 100 && !(await cancelled()); i++) await clock.sleep(10);
    const ready = await call('/readyz');
    const { status, body } = await waiting;
    await database.query(`alter system reset synchronous_standby_names`);
    await database.query('select pg_reload_conf()');
    expect(status).to.equal(202);
    expect(body['warning']).to.match(/canceling wait for synchronous replication/);
    expect(ready.status).to.equal(503);
    expect((await call('/orders/1-6')).status).to.equal(200);
  });

  it('does not call a write definite whose connection was ended while it was under way', async () => {
    await database.query(`alter system set synchronous_standby_names = 'nobody'`);
    await database.query('select pg_reload_conf()');
    await clock.sleep(100);
    const waiting = post(order(7));
    const ended = async () => {
      const rows = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep' ` +
          `and query like 'insert into orders%'`,
      );
      return rows.length > 0;
    };
    for (let i = 0; i < 100 && !(await ended()); i++) await clock.sleep(10);
    const { status, body } = await waiting;
    await database.query(`alter system reset synchronous_standby_names`);
    await database.query('select pg_reload_conf()');
    expect(body['definite']).to.not.equal(true);
    expect(status).to.be.oneOf([202, 503]);
  });

  it('gives up on a stopped database in bounded time, without calling it definite', async () => {
    await post(order(8));
    const pids = database.server.pids();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const begun = clock.now();
      const { status, body } = await post(order(9));
      expect(status).to.equal(503);
      expect(body['definite']).to.equal(false);
      expect(clock.now() - begun).to.be.within(1900, 10_000);
      expect((await call('/readyz')).status).to.equal(503);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await clock.sleep(100);
    expect((await post(order(10))).status).to.equal(201);
    expect((await call('/readyz')).status).to.equal(200);
  });

  it('refuses, definitely, when it cannot connect, and stays alive', async () => {
    const nowhere = { ...database.address(), port: 1 };
    const app = await startApp({ database: nowhere });
    const { status, body } = await post(order(11), app.url);
    expect(status).to.equal(503);
    expect(body).to.include({ definite: true });
    expect((await call('/readyz', {}, app.url)).status).to.equal(503);
    expect((await call('/healthz', {}, app.url)).status).to.equal(200);
  });

  it('ends at once on SIGTERM', async () => {
    const app = await startApp();
    process.kill(app.program.pid, 'SIGTERM');
    expect(await app.program.exited).to.deep.equal({ code: 0, signal: null });
  });
});
