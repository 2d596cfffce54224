// What clients wrote into tables of a team's own, as it is counted on a real PostgreSQL, or by a
// program of the team's; and what is refused before anything is broken.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { payloadOf } from '../../../src/base/payload.ts';
import type { PlannedCount } from '../../../src/drill/attached/clients.ts';
import { createLedger } from '../../../src/evidence/ledger/ledger.ts';
import { NO_NODE, OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { payloadNotTold, type SurvivorRow } from '../../../src/evidence/survivors.ts';
import { hostClock, type Clock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { countChecks, promisedIn } from '../../../src/topology/attached/count-check.ts';
import { countingOf, requireNothingCounted } from '../../../src/topology/attached/count.ts';
import { header, rowOf } from '../../support/evidence/synthetic.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const HTTP = {
  by: 'http',
  url: 'https://shop.staging.test/orders',
  method: 'POST',
  body: '',
  headers: {},
  ca: null,
  acknowledged: ['2xx'],
  refused: [],
} as const;
const RUN = { run: 'run-1', table: 'dr_drill.orders_run_1', log: { told: 'all' } };
const NOWHERE: OwnServer = {
  node: 'east/db1',
  region: 'east',
  address: { host: '', port: 0, user: '', password: '', database: '' },
};
const ROWS = [1, 2, 2, 3].map((sequence) => rowOf({ writer: 3, sequence }));

function counting(count?: PlannedCount) {
  return countingOf({ clients: HTTP, ...(count && { count }) }, RUN, process.env);
}

async function rowsIn(count: PlannedCount | undefined, server = NOWHERE): Promise<SurvivorRow[]> {
  const rows: SurvivorRow[] = [];
  const read = await counting(count).read(server, (row) => rows.push(row));
  expect(read.rows).to.equal(rows.length);
  return rows;
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => expect.fail('it worked'),
    (error: Error) => error,
  );
}

/** Of the ledger that `rowOf` has its seed from. */
const payload = (sequence: number) => payloadOf(7, 3, sequence, 64);
const line = (sequence: number) =>
  JSON.stringify({ writer: 3, sequence, payload: payload(sequence) });
const prints = (...lines: readonly string[]): PlannedCount => ({
  by: 'command',
  command: ['printf', '%s\n', ...lines],
});

describe('the count of what a team’s own program wrote', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'drill-count-'));
  let database: TestDatabase;
  let server: OwnServer;
  const insert = (run: string, sequence: number) =>
    database.query(`insert into theirs values ('${run}', 3, ${sequence}, '${payload(sequence)}')`);

  before(async () => {
    database = await startTestDatabase();
    server = { node: 'east/db1', region: 'east', address: database.address() };
    await database.query(
      `create table theirs (run text, writer text, sequence int, payload varchar);
       grant select on theirs to public`,
    );
    for (const sequence of [1, 2, 2, 3]) await insert('run-1', sequence);
    await insert('run-2', 4);
  });
  after(async () => {
    rmSync(directory, { recursive: true });
    await database.stop();
  });

  const sql = (text: string): PlannedCount => ({ by: 'sql', sql: text });
  const OF_RUN = "select sequence, payload, writer, run from theirs where run = '{run}'";

  it('is by SQL each row of the run, whatever the types and the order of its columns', async () => {
    expect(await rowsIn(sql(OF_RUN), server)).to.deep.equal(ROWS);
    expect(await rowsIn(sql(` ${OF_RUN}; `), server)).to.deep.equal(ROWS);
    expect(await rowsIn(sql(`${OF_RUN} -- of this run`), server)).to.deep.equal(ROWS);
    const untold = sql(`select 3 as writer, 9 as sequence, null as payload`);
    const row = payloadNotTold({ writer: 3, sequence: 9 });
    expect(await rowsIn(untold, server)).to.deep.equal([row]);
  });

  it('can ask one server for one row, and for whole rows', async () => {
    const { inServer } = counting(sql(OF_RUN));
    expect(await inServer!.has(server, { writer: 3, sequence: 2 })).to.equal(true);
    expect(await inServer!.has(server, { writer: 3, sequence: 4 })).to.equal(false);
    const [row] = await inServer!.rowsOf(server, [{ writer: 3, sequence: 3 }]);
    expect(row).to.include({ writer: 3, sequence: 3, payload: payload(3) });
  });

  it('changes nothing by SQL, and tells what is wrong with it', async () => {
    const wrong = {
      'select writer from no_such_table': /no_such_table/,
      'select writer, sequence from theirs': /payload/,
      "select 'x' as writer, 1 as sequence, null as payload": /integer/,
      'select null::int as writer, 1 as sequence, null as payload': /row 1 that is not/,
    };
    for (const [text, says] of Object.entries(wrong)) {
      expect((await failureOf(rowsIn(sql(text), server))).message).to.match(says);
    }
    await database.query(
      `create function harm() returns int language sql as 'delete from theirs; select 1'`,
    );
    const harm = sql('select harm() as writer, 1 as sequence, null as payload');
    expect((await failureOf(rowsIn(harm, server))).message).to.match(/read-only|denied/);
  });

  it('is by a command each line that it prints, with {run} in it', async () => {
    expect(await rowsIn(prints(...[1, 2, 2, 3].map(line), ''))).to.deep.equal(ROWS);
    const named: PlannedCount = { by: 'command', command: ['test', '{run}', '=', 'run-1'] };
    expect(await rowsIn(named)).to.deep.equal([]);
    const untold = prints('{"writer":3,"sequence":9}', '{"writer":3,"sequence":9,"payload":null}');
    const row = payloadNotTold({ writer: 3, sequence: 9 });
    expect(await rowsIn(untold)).to.deep.equal([row, row]);
  });

  it('is by a command as long as it prints', async () => {
    const many: PlannedCount = {
      by: 'command',
      command: ['seq', '-f', '{"writer":3,"sequence":%.0f}', '1', '200000'],
    };
    expect(await rowsIn(many)).to.have.length(200_000);
  });

  it('is not known where a command fails, is not there, or prints something else', async () => {
    const wrong: readonly (readonly [PlannedCount, RegExp])[] = [
      [{ by: 'command', command: ['false'] }, /expected exit code 0/],
      [{ by: 'command', command: ['/no/such/program'] }, /ENOENT/],
      [prints(line(1), 'done'), /line 2 of topology.system.count: expected a row such as .*done/],
      [prints('{"writer":"3","sequence":1}'), /line 1/],
      [prints('7'), /line 1/],
    ];
    for (const [count, says] of wrong) {
      expect((await failureOf(rowsIn(count))).message).to.match(says);
    }
    expect(counting(prints()).inServer).to.equal(null);
  });

  it('is not known where nobody counts', async () => {
    expect((await failureOf(rowsIn(undefined))).message).to.contain('topology.system.count');
  });

  it('has to be of nothing before the clients of a run have written', async () => {
    const refused = async (count: PlannedCount) =>
      await failureOf(requireNothingCounted({ clients: HTTP, count }, counting(count), server));
    for (const count of [sql(OF_RUN), prints(line(1)), sql('select'), prints('x')]) {
      expect(await refused(count)).to.be.instanceOf(EnvironmentError);
    }
    const none = sql(OF_RUN.replace('{run}', 'run-3'));
    await requireNothingCounted({ clients: HTTP, count: none }, counting(none), server);
    await requireNothingCounted({ clients: HTTP }, counting(), server);
  });

  const checks = async (count: PlannedCount, promised: readonly number[], clock = hostClock()) => {
    const asked = {
      counting: counting(count),
      primary: server,
      promised: () => promised.map((sequence) => ({ writer: 3, sequence })),
      clock,
    };
    return await countChecks({ clients: HTTP, count }, asked);
  };
  /** Does not wait: its time goes by itself. */
  const hurried = (): Clock => {
    let now = 0;
    const tick = () => (now += 1_000);
    return { now: tick, wall: tick, sleep: () => Promise.resolve() };
  };

  it('has to be of all that clients were promised before anything is broken', async () => {
    const whole = { name: 'what clients write is counted', ok: true };
    expect(await checks(sql(OF_RUN), [1, 2, 3])).to.deep.equal([
      { ...whole, detail: '3 acknowledged writes' },
    ]);
    const [short] = await checks(sql(OF_RUN), [1, 2, 3, 4, 5], hurried());
    expect(short!.ok).to.equal(false);
    expect(short!.detail).to.match(
      /^2 of 5 acknowledged writes are not in it, .* \(writer-sequence 3-4, 3-5\); see whether .*theirs/,
    );
    for (const [count, promised] of [
      [prints(), [1]],
      [prints('x'), [1]],
      [sql(OF_RUN), []],
    ] as const) {
      expect((await checks(count, promised, hurried()))[0]!.ok).to.equal(false);
    }
  });

  it('may come a moment later', async () => {
    const file = join(directory, 'late');
    const late: PlannedCount = {
      by: 'command',
      command: ['sh', '-c', `cat ${file} 2>/dev/null; echo '${line(1)}' > ${file}`],
    };
    expect((await checks(late, [1]))[0]!.ok).to.equal(true);
  });

  it('takes what was promised from the ledger that is still written to', () => {
    const file = join(directory, 'ledger.bin');
    const ledger = createLedger(file, header);
    const kinds = [OPERATION_KIND.seed, OPERATION_KIND.write, OPERATION_KIND.read] as const;
    kinds.forEach((kind, at) => {
      const id = { kind, writer: at, sequence: 7 };
      ledger.send({ ...id, scheduled_ms: 1, sent_ms: 2 });
      ledger.outcome({
        ...id,
        outcome: OUTCOME.acknowledged,
        done_ms: 3,
        node: NO_NODE,
        timeline: 0,
        flags: 0,
      });
    });
    ledger.send({
      kind: OPERATION_KIND.write,
      writer: 1,
      sequence: 8,
      scheduled_ms: 4,
      sent_ms: 5,
    });
    ledger.flush();
    expect(promisedIn(file)).to.deep.equal([
      { writer: 0, sequence: 7 },
      { writer: 1, sequence: 7 },
    ]);
    ledger.close();
  });
});
