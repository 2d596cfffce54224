// What a database finds when it looks at itself: real damage, made by hand, and what keeps it from
// looking.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { VerificationResult } from '../../../src/evidence/event.ts';
import { inspect } from '../../../src/postgres/verification/inspect.ts';
import { startServer } from '../../../src/postgres/server/launcher.ts';
import { DATABASE } from '../../../src/postgres/server/template.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';
import { judgeVerb } from '../../../src/cli/verbs/judge.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { storeResult, writeRun } from '../../support/evidence/run-directory.ts';
import {
  acknowledged,
  drive,
  goneFor,
  journal,
  rowOf,
  TIMES,
} from '../../support/evidence/synthetic.ts';

const PAGE_BYTES = 8192;

describe('the verification of a database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestDatabase();
    await database.query(
      `create table planted (id bigint primary key, word text not null);
       insert into planted select i, repeat('x', 100) from generate_series(1, 500) i`,
    );
  });
  afterEach(() => database.stop());

  const look = async (): Promise<readonly VerificationResult[]> => {
    const { host, port, credentials } = database;
    return await inspect({ host, port, database: DATABASE, ...credentials.admin });
  };
  const failed = (checks: readonly VerificationResult[]) => checks.filter(({ ok }) => !ok);

  /** Judges a run that went well but for what the verification of its database found. */
  const judged = async (checks: readonly VerificationResult[]) => {
    const folder = makeFolder();
    try {
      const t = TIMES.cut + 1_300;
      const event = 'verification.checked' as const;
      const found = { t, event, checks: [...checks], store: 'orders', node: 'west/postgres' };
      const ops = drive(goneFor(600));
      const events = journal({ [event]: [found as never] });
      writeRun(folder, { ops, serving: acknowledged(ops).map(rowOf), events });
      const { verdict, reasons, failures } = storeResult(folder);
      const { code } = await call(judgeVerb, { run: folder }, folder);
      return { verdict, reasons, failures, code };
    } finally {
      removeFolder(folder);
    }
  };

  it('finds nothing in a sound one, and the run passes', async () => {
    const checks = await look();
    expect(checks).to.have.length(5);
    expect(failed(checks)).to.deep.equal([]);
    expect(await judged(checks)).to.include({ verdict: 'pass', code: 0 });
  });

  it('proves an index that lacks rows of its table: the run fails', async () => {
    // A function that is not what it was: every entry of the index is in the wrong place.
    await database.query(
      `create function place(bigint) returns bigint immutable language sql as 'select $1';
       create index on planted (place(id));
       create or replace function place(bigint) returns bigint immutable language sql
         as 'select -$1'`,
    );
    const [index, ...others] = failed(await look());
    expect(others).to.deep.equal([]);
    expect(index).to.include({ name: 'indexes agree with their tables (amcheck)', proves: 'harm' });
    const { verdict, reasons, failures, code } = await judged([index!]);
    expect({ verdict, code }).to.deep.equal({ verdict: 'fail', code: 1 });
    expect(failures).to.deep.equal([
      { code: 'database-corrupt', store: 'postgres', text: reasons[0] },
    ]);
    expect(reasons[0]).to.match(/^The data of west\/postgres is damaged: indexes agree /);
    expect(new Set(reasons).size, 'told once').to.equal(reasons.length);
  });

  it('proves a page that was overwritten on the disk: the run fails', async () => {
    const [{ path }] = (await database.query<{ path: string }>(
      `select pg_relation_filepath('planted') as path`,
    )) as [{ path: string }];
    await database.server.stop();
    const file = openSync(join(database.started.data, path), 'r+');
    writeSync(file, Buffer.from('damage'), 0, 6, PAGE_BYTES + 4_000);
    closeSync(file);
    const again = await startServer(database.started);
    try {
      const { host, port } = again;
      const checks = await inspect({
        host,
        port,
        database: DATABASE,
        ...database.credentials.admin,
      });
      const proofs = failed(checks).filter(({ proves }) => proves === 'harm');
      expect(proofs.map(({ name }) => name)).to.include.members([
        'tables are sound (verify_heapam)',
        'page checksums',
      ]);
      expect(await judged(checks)).to.include({ verdict: 'fail', code: 1 });
    } finally {
      await again.stop();
    }
  });

  it('proves nothing where it could not look: the run is inconclusive', async () => {
    await database.query(
      `create schema hidden;
       create function hidden.bt_index_check(regclass, boolean) returns void language plpgsql
         as 'begin raise exception ''permission denied for amcheck''; end';
       alter database ${DATABASE} set search_path = hidden, public, pg_catalog`,
    );
    const [index, ...others] = failed(await look());
    expect(others).to.deep.equal([]);
    expect(index).to.include({ detail: 'permission denied for amcheck' });
    expect(index).not.to.have.property('proves');
    const { verdict, failures, code } = await judged([index!]);
    expect({ verdict, failures, code }).to.deep.equal({
      verdict: 'inconclusive',
      failures: [],
      code: 3,
    });
  });

  it('proves nothing where it cannot connect', async () => {
    await database.server.stop();
    const checks = await look();
    expect(checks.map(({ name, ok }) => ({ name, ok }))).to.deep.equal([
      { name: 'takes connections', ok: false },
    ]);
    expect(await judged(checks)).to.include({ verdict: 'inconclusive', code: 3 });
  });
});
