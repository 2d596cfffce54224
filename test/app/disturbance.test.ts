// The orders service that a fault disturbs: a share of requests gets an error, or each one waits.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { disturb, UNDISTURBED } from '../../src/app/disturbance.ts';
import type { AppSettings } from '../../src/app/protocol.ts';
import { askApp } from '../../src/fault/app/ask.ts';
import { RUN_HEADER } from '../../src/host/http.ts';
import { RUN_MARK } from '../../src/host/process/processes.ts';
import { startProgram, type Program } from '../../src/host/program/program.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';

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

  describe('that is disturbed', () => {
    const at = () => ({ host: '127.0.0.1', port: Number(new URL(url).port) });
    const secret = () => database.address().password;
    const errorsOf = async (times: number) => {
      const asked = await askApp(at(), times, 2_000);
      return asked.filter(({ status }) => status === 500).length;
    };
    afterEach(async () => void (await disturb(at(), secret(), UNDISTURBED)));

    it('answers that share with an error, stores nothing for it, and stays ready', async () => {
      await disturb(at(), secret(), { errors: 1, delay_ms: 0 });
      const { status, body } = await post({ ...order(1), writer: 6 });
      expect({ status, definite: body['definite'] }).to.deep.equal({ status: 500, definite: true });
      expect((await call('/readyz')).status).to.equal(200);
      expect(await database.query('select 1 from orders where writer = 6')).to.deep.equal([]);
      await disturb(at(), secret(), { errors: 0.5, delay_ms: 0 });
      expect(await errorsOf(100)).to.be.within(20, 80); // six standard deviations
      const before = await disturb(at(), secret(), UNDISTURBED);
      expect(before).to.deep.equal({ errors: 0.5, delay_ms: 0 });
      expect(await errorsOf(100)).to.equal(0);
      expect((await post({ ...order(1), writer: 6 })).status).to.equal(201);
    });

    it('answers later, and not in its health checks', async () => {
      await disturb(at(), secret(), { errors: 0, delay_ms: 300 });
      const [asked] = await askApp(at(), 1, 5_000);
      expect(asked?.status).to.equal(404);
      expect(asked?.ms).to.be.greaterThan(290);
      expect((await call('/readyz')).status).to.equal(200);
    });

    it('is so by the word of nobody but who has the password of its database', async () => {
      const failure = await disturb(at(), 'guessed', { errors: 1, delay_ms: 0 }).catch(String);
      expect(failure).to.include('401');
      expect(await errorsOf(20)).to.equal(0);
    });

    it('cannot be where nobody listens', async () => {
      expect(await disturb({ host: '127.0.0.1', port: 1 }, 'any', UNDISTURBED)).to.equal(null);
    });
  });
});
