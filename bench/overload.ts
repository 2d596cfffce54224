// The workload program when it is offered far more than the service takes: each operation waits for
// its timeout. Its memory stays bounded, and it still does what it is told.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostClock } from '../src/host/clock.ts';
import { RUN_HEADER } from '../src/host/http.ts';
import type { Address } from '../src/host/ports.ts';
import { RUN_MARK } from '../src/host/process/processes.ts';
import { startProgram, type Program } from '../src/host/program/program.ts';
import type { WorkloadSettings } from '../src/workload/protocol.ts';
import type { BenchLine } from './bench-line.ts';

const OFFERED_PER_S = 20_000;
const FOR_S = 6;
const MB_AT_MOST = 256;
const REQUEST_AT_MOST_MS = 60_000;
const MARK = 'bench';

/** Takes about 10 s. Linux only: the high-water mark of a process is read from /proc. */
export async function benchOverload(report: (line: BenchLine) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  const service = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return; // an order waits for ever
    response.writeHead(200, { [RUN_HEADER]: MARK }).end('{}');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  const programs: Program[] = [];
  const spawn = (title: string): Program => {
    const environment = { PATH: process.env['PATH'], [RUN_MARK]: MARK };
    const module = new URL(`../src/${title}/main.ts`, import.meta.url);
    const program = startProgram({ title, module, env: environment, logFile: join(folder, 'log') });
    programs.push(program);
    return program;
  };
  try {
    const checks = { every_ms: 100, timeout_ms: 5_000, failures: 3, ttl_s: 60 };
    const app = { node: 'east/app-1', region: 'east', service: 'orders', host: '127.0.0.1', port };
    const served = { origin_ms: 0, run: MARK, ...checks, endpoints: [app], serving: ['east'] };
    const gslb = (await spawn('gslb').request('start', served)) as Address;
    await hostClock().sleep(1_000);
    const seen = await overload(spawn('workload'), settingsOf(gslb, join(folder, 'ledger.bin')));
    reportSeen(seen, report);
  } finally {
    for (const program of programs) program.release();
    await Promise.all(programs.map((program) => program.exited));
    service.closeAllConnections();
    service.close();
    rmSync(folder, { recursive: true });
  }
}

function settingsOf(gslb: Address, ledger: string): WorkloadSettings {
  return {
    origin_ms: 0,
    run: MARK,
    mark: MARK,
    store: 'orders',
    seed: 1,
    workload: {
      via: 'http',
      rate_per_s: OFFERED_PER_S,
      writers: 500,
      payload_bytes: 256,
      timeout_ms: 1_000,
      reads: 0,
      updates: 0,
      shared_rows: 0,
      seed_rows: 0,
    },
    gslb,
    ledger,
    nodes: ['east/app-1'],
    database: null,
    sample_every_ms: 200,
    pace: 'rate',
  };
}

interface Seen {
  readonly high_mb: number;
  readonly stop_ms: number;
}

async function overload(workload: Program, settings: WorkloadSettings): Promise<Seen> {
  const clock = hostClock();
  await workload.request('start', settings);
  await workload.request('run', {});
  await clock.sleep(FOR_S * 1_000);
  const asked_ms = clock.now();
  await workload.request('stop', {}, REQUEST_AT_MOST_MS);
  await workload.request('drain', {}, REQUEST_AT_MOST_MS);
  const status = readFileSync(`/proc/${workload.pid}/status`, 'utf8');
  await workload.request('close', {}, REQUEST_AT_MOST_MS);
  const [, high_kb] = /^VmHWM:\s+(\d+) kB$/m.exec(status)!;
  return { high_mb: Math.round(Number(high_kb) / 1024), stop_ms: clock.now() - asked_ms };
}

function reportSeen({ high_mb, stop_ms }: Seen, report: (line: BenchLine) => void): void {
  report({
    name: `memory of a workload that is offered ${OFFERED_PER_S}/s and gets no answer`,
    measured: high_mb,
    unit: 'MB',
    limit: { relation: '<=', value: MB_AT_MOST },
    ok: high_mb <= MB_AT_MOST,
  });
  report({
    name: 'the same workload, from "stop" to the closed ledger; its timeout is 1,000 ms',
    measured: Math.round(stop_ms),
    unit: 'ms',
    ok: null,
  });
}
