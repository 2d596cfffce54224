// How much load the workload program, as it is built, can make and record: orders over HTTP through
// two app instances, and inserts straight to the database beside pgbench, each with 16 connections
// through the built-in proxy.
//
// pgbench does the same on the same path: the same prepared statement with the same number of bytes
// as parameters, ids that count up, a commit each, and one thread, as the workload has one. It keeps
// no ledger. Rounds alternate, and which of the two goes first; the ratio is that of each round. Both
// are measured once they run warm: the workload is compiled while it runs.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { INSERT_ORDER } from '../src/app/protocol.ts';
import { payloadOf } from '../src/base/payload.ts';
import { readLedger } from '../src/evidence/ledger/ledger-reader.ts';
import { OUTCOME } from '../src/evidence/ledger/operation.ts';
import type { GslbEndpoint } from '../src/gslb/protocol.ts';
import { hostClock, hostNow } from '../src/host/clock.ts';
import type { Address } from '../src/host/ports.ts';
import { RUN_MARK } from '../src/host/process/processes.ts';
import { startProgram, type Program } from '../src/host/program/program.ts';
import { startLinks } from '../src/link/start.ts';
import type { WorkloadSettings } from '../src/workload/protocol.ts';
import { startTestDatabase, type TestDatabase } from '../test/support/postgres/database.ts';
import { findProgram } from '../test/support/find-program.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const HTTP_ROUNDS = 3;
/** Even: each of the two goes first as often as the other. */
const SQL_ROUNDS = 6;
const WARM_UP_S = 2;
const MEASURED_S = 4;
const CONNECTIONS = 16;
const PAYLOAD_BYTES = 256;
const HTTP_AT_LEAST = 1_500;
const PGBENCH_SHARE = 0.9;

/** Takes about two minutes. */
export async function benchWorkload(report: (line: BenchLine) => void): Promise<void> {
  const bench = await openBench();
  const pgbench = findProgram('pgbench');
  const http: number[] = [];
  const rounds: Round[] = [];
  try {
    for (let round = 0; round < HTTP_ROUNDS; round++) http.push(await bench.workload('http'));
    for (let round = 0; round < SQL_ROUNDS; round++) {
      const peerOf = async () => (pgbench === null ? null : await bench.pgbench(pgbench));
      const first = round % 2 === 0 ? null : await peerOf();
      const sql = await bench.workload('sql');
      rounds.push({ sql, peer: first ?? (await peerOf()) });
    }
  } finally {
    await bench.close();
  }
  const orders = median(http);
  report({
    name: 'orders via HTTP, 16 writers as fast as they go',
    measured: Math.round(orders),
    unit: 'orders/s',
    limit: { relation: '>=', value: HTTP_AT_LEAST },
    ok: orders >= HTTP_AT_LEAST,
  });
  reportSql(rounds, report);
}

interface Round {
  /** Acknowledged writes a second. */
  readonly sql: number;
  /** Of pgbench; null where it is not installed. */
  readonly peer: number | null;
}

function reportSql(rounds: readonly Round[], report: (line: BenchLine) => void): void {
  const measured = Math.round(median(rounds.map(({ sql }) => sql)));
  const line = { name: 'writes via SQL, 16 connections, ledger on', measured, unit: 'writes/s' };
  const paired = rounds.flatMap(({ sql, peer }) => (peer === null ? [] : [{ sql, peer }]));
  if (paired.length === 0) return report({ ...line, ok: null });
  const value = Math.round(median(paired.map(({ peer }) => peer)));
  report({ ...line, peer: { name: 'pgbench', value }, ok: null });
  const ratio = median(paired.map(({ sql, peer }) => sql / peer));
  report({
    name: 'writes via SQL, beside pgbench of the same round',
    measured: ratio,
    unit: '×',
    limit: { relation: '>=', value: PGBENCH_SHARE },
    ok: ratio >= PGBENCH_SHARE,
  });
}

interface Bench {
  /** Acknowledged writes a second, counted in the ledger. */
  workload(via: 'http' | 'sql'): Promise<number>;
  /** Transactions a second. */
  pgbench(program: string): Promise<number>;
  close(): Promise<void>;
}

async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  const database = await startTestDatabase();
  try {
    return await openOn(database, folder);
  } catch (error) {
    await database.stop();
    rmSync(folder, { recursive: true });
    throw error;
  }
}

async function openOn(database: TestDatabase, folder: string): Promise<Bench> {
  const environment = { PATH: process.env['PATH'], [RUN_MARK]: 'bench' };
  const logFile = join(folder, 'programs.log');
  const proxy = await startLinks({ environment, logFile, toxiproxyServer: null });
  const programs: Program[] = [];
  const spawn = (title: string, folderOfMain: string): Program => {
    const module = new URL(`../dist/${folderOfMain}/main.js`, import.meta.url);
    const program = startProgram({ title, module, env: environment, logFile });
    programs.push(program);
    return program;
  };
  const link = proxy.links.create('clients-east');
  const endpoints: GslbEndpoint[] = [];
  for (const node of ['east/app-1', 'east/app-2']) {
    const app = spawn(node, 'app');
    const at = (await app.request('start', {
      origin_ms: 0,
      node,
      region: 'east',
      capacity_per_s: 1e6,
      database: database.address(),
    })) as { host: string; port: number };
    const { host, port } = await link.addProxy(`clients-east.${node.slice(5)}`, at);
    endpoints.push({ node, region: 'east', service: 'orders', host, port });
  }
  const direct = { host: database.host, port: database.port };
  const { host, port } = await link.addProxy('clients-east.postgres', direct);
  endpoints.push({ node: 'east/postgres', region: 'east', service: 'postgres', host, port });
  const gslb = spawn('gslb', 'gslb');
  const checks = { every_ms: 1000, timeout_ms: 1000, failures: 3, ttl_s: 60 };
  const settings = { origin_ms: 0, run: 'bench', ...checks, endpoints, serving: ['east'] };
  const address = (await gslb.request('start', settings)) as Address;
  const open = { folder, database, address, spawn };
  return {
    workload: (via) => runWorkload(via, open),
    pgbench: (program) => runPgbench(program, { host, port }, open),
    close: async () => {
      for (const program of programs) program.release();
      await Promise.all(programs.map((program) => program.exited));
      await proxy.stop();
      await database.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

interface Open {
  readonly folder: string;
  readonly database: TestDatabase;
  readonly address: Address;
  readonly spawn: (title: string, folderOfMain: string) => Program;
}

async function runWorkload(via: 'http' | 'sql', open: Open): Promise<number> {
  const { user, password, database } = open.database.address();
  const ledger = join(open.folder, `${via}-${hostNow()}.bin`);
  const settings: WorkloadSettings = {
    origin_ms: 0,
    run: 'bench',
    mark: 'bench',
    store: 'orders',
    seed: 1,
    workload: {
      via,
      rate_per_s: CONNECTIONS,
      writers: CONNECTIONS,
      payload_bytes: PAYLOAD_BYTES,
      timeout_ms: 5_000,
      reads: 0,
      updates: 0,
      shared_rows: 0,
      seed_rows: 0,
    },
    gslb: open.address,
    ledger,
    nodes: ['east/app-1', 'east/app-2', 'east/postgres'],
    database: { user, password, database },
    sample_every_ms: 1_000,
    pace: 'closed',
  };
  const program = open.spawn(`workload via ${via}`, 'workload');
  await program.request('start', settings);
  const reply = (await program.request('run', {})) as { scheduled_from_ms: number };
  await hostClock().sleep((WARM_UP_S + MEASURED_S) * 1000);
  await program.request('stop', {});
  await program.request('drain', {});
  await program.request('close', {});
  program.release();
  await program.exited;
  const { operations } = readLedger(ledger);
  rmSync(ledger);
  const from_ms = reply.scheduled_from_ms + WARM_UP_S * 1000;
  let acknowledged = 0;
  for (let i = 0; i < operations.count; i++) {
    const after_ms = operations.done_ms.at(i) - from_ms;
    const isInside = after_ms >= 0 && after_ms < MEASURED_S * 1000;
    if (isInside && operations.outcome.at(i) === OUTCOME.acknowledged) acknowledged += 1;
  }
  return acknowledged / MEASURED_S;
}

async function runPgbench(
  program: string,
  { host, port }: { host: string; port: number },
  { folder, database }: Open,
): Promise<number> {
  const { user, password, database: name } = database.address();
  const script = join(folder, 'insert.sql');
  const values = [':client_id', ':sequence', ':payload', ':region'];
  const insert = INSERT_ORDER.replace(/\$(\d)/g, (_, n: string) => values[Number(n) - 1]!);
  writeFileSync(script, `\\set sequence :sequence + 1\n${insert};\n`);
  const payload = payloadOf(1, 1, 1, PAYLOAD_BYTES);
  const defined = ['sequence=0', `payload=${payload}`, 'region=east'].flatMap((one) => ['-D', one]);
  const seconds = String(WARM_UP_S + MEASURED_S);
  const counts = ['-c', String(CONNECTIONS), '-j', '1', '-T', seconds, '-P', '1'];
  const where = ['-h', host, '-p', String(port), '-U', user, name];
  const { stdout, stderr } = await promisify(execFile)(
    program,
    ['-n', '-M', 'prepared', ...counts, ...defined, '-f', script, ...where],
    { env: { PATH: process.env['PATH'], PGPASSWORD: password } },
  );
  const progress = [...`${stdout}${stderr}`.matchAll(/^progress: ([\d.]+) s, ([\d.]+) tps/gm)]
    .filter(([, at]) => Number(at) > WARM_UP_S + 0.5)
    .map(([, , tps]) => Number(tps));
  return progress.reduce((sum, tps) => sum + tps, 0) / progress.length;
}
