// Updates of shared rows as the verification counts them: by the orders service's own statement into
// a real database, back through the histories, against a ledger.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPDATE_STOCK } from '../../../src/app/protocol.ts';
import { historyEntry, sharedRowOf } from '../../../src/base/shared-row.ts';
import { UPDATE_WRITERS } from '../../../src/evidence/ledger/operation.ts';
import {
  createSurvivors,
  readSurvivors,
  type SurvivorRow,
} from '../../../src/evidence/survivors.ts';
import { countClasses, classify, DRILL_SIGHTS } from '../../../src/measure/loss/classify.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { readOrders } from '../../../src/postgres/read/orders.ts';
import { insertSharedRows } from '../../../src/postgres/server/shared-rows.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';
import { operationsOf, type Op } from '../../support/evidence/synthetic.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 20_000 };
const RULE = { seed: 7, payload_bytes: 64, shared_rows: 4 };
const WRITERS = [1, 2, 3];
const EACH = 20;
const UPDATES = WRITERS.flatMap((writer) =>
  Array.from({ length: EACH }, (_, at) => ({ writer: UPDATE_WRITERS + writer, sequence: at + 1 })),
);

describe('histories of shared rows', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  before(async () => {
    database = await startTestDatabase();
  });
  beforeEach(async () => {
    await database.query('truncate orders, stock');
    await database.query(insertSharedRows(RULE.shared_rows));
    await withConnection(database.address(), LIMITS, async (client) => {
      for (const id of UPDATES) {
        const key = sharedRowOf(RULE.seed, id.writer, id.sequence, RULE.shared_rows);
        await client.query(UPDATE_STOCK, [key, historyEntry(id), 'east']);
      }
    });
  });
  after(() => database?.stop());

  /** Counts per class, of what is read back through a survivors file. */
  const classesOf = async () => {
    const ops = UPDATES.map((id, at): Op => {
      return { kind: 'update', ...id, scheduled_ms: at, outcome: 'acknowledged' };
    });
    const directory = mkdtempSync(join(tmpdir(), 'drill-histories-'));
    try {
      const file = join(directory, 'survivors.bin');
      const survivors = createSurvivors(file);
      survivors.begin('serving');
      const address = { ...database.address(), ...database.credentials.admin };
      const { rows } = await readOrders(address, (row) => survivors.row(row), { updates: RULE });
      survivors.end();
      survivors.close();
      const contents = readSurvivors(file, RULE);
      expect(contents.problems).to.deep.equal([]);
      expect(contents.readings.get('serving')!.count).to.equal(rows);
      const { readings } = contents;
      const inputs = { operations: operationsOf(ops), readings, sights: DRILL_SIGHTS };
      const classified = classify({ ...inputs, isUndone: () => false })!;
      return Object.fromEntries(
        Object.entries(countClasses(classified)).filter(([, count]) => count > 0),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
  const first = UPDATES[0]!;
  const entry = historyEntry(first);
  const row = sharedRowOf(RULE.seed, first.writer, first.sequence, RULE.shared_rows);

  it('hold every update once, in the row that it chose', async () => {
    expect(await classesOf()).to.deep.equal({ kept: UPDATES.length });
    const rows = await database.query<{ n: number }>(
      'select cardinality(history) as n from stock order by key',
    );
    expect(rows.map(({ n }) => n).every((n) => n > 5)).to.equal(true);
  });

  it('are read together with the orders, and not unless asked for', async () => {
    await database.query(
      `insert into orders (writer, sequence, payload, region) values (1, 1, 'abc', 'east')`,
    );
    const address = { ...database.address(), ...database.credentials.admin };
    const seen: SurvivorRow[] = [];
    expect((await readOrders(address, (one) => seen.push(one))).rows).to.equal(1);
    expect((await readOrders(address, (one) => seen.push(one), { updates: RULE })).rows).to.equal(
      61,
    );
    expect(seen).to.have.length(62);
  });

  it('show an update that is gone as diverged: its row no longer tells of it', async () => {
    await database.query(`update stock set history = array_remove(history, '${entry}')`);
    expect(await classesOf()).to.deep.equal({ kept: UPDATES.length - 1, diverged: 1 });
  });

  it('show an update that stands there twice as duplicated', async () => {
    await database.query(
      `update stock set history = history || '${entry}'::text where key = ${row}`,
    );
    expect(await classesOf()).to.deep.equal({ kept: UPDATES.length - 1, duplicated: 1 });
  });

  it('show an update that stands in another row as corrupt', async () => {
    const other = (row % RULE.shared_rows) + 1;
    await database.query(`update stock set history = array_remove(history, '${entry}')`);
    await database.query(
      `update stock set history = history || '${entry}'::text where key = ${other}`,
    );
    expect(await classesOf()).to.deep.equal({ kept: UPDATES.length - 1, corrupt: 1 });
  });

  it('show entries that nobody wrote as unexpected', async () => {
    await database.query(`update stock set history = history || '2009-1'::text where key = 1`);
    expect(await classesOf()).to.deep.equal({ kept: UPDATES.length, unexpected: 1 });
    await database.query(`update stock set history = history || '{x,null}'::text[] where key = 2`);
    const { unexpected } = await classesOf();
    expect(unexpected).to.equal(2); // all that have no id of a client count as one id
  });
});
