// What a proxy costs: throughput and small round trips through the built-in proxy, beside
// toxiproxy-server (when it is on PATH) and beside no proxy at all. Rounds alternate, so that a
// busy moment of the machine hits all alike.
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { hostNow } from '../src/host/clock.ts';
import { startLinks, type StartedLinks } from '../src/link/start.ts';
import { findProgram } from '../test/support/find-program.ts';
import type { BenchLine } from './bench-line.ts';

const ROUNDS = 7;
const ROUND_BYTES = 256 * 1024 * 1024;
const ROUND_TRIPS = 3_000;
const TRIP_BYTES = 256;

interface Path {
  readonly name: string;
  readonly port: number;
  readonly mbPerS: number[];
  readonly median_us: number[];
  readonly p99_us: number[];
}

/** Takes about 15 s. */
export async function benchProxy(report: (line: BenchLine) => void): Promise<void> {
  const upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  const started: StartedLinks[] = [];
  try {
    const paths = [newPath('direct', upstream.port)];
    for (const toxiproxyServer of [null, findProgram('toxiproxy-server')]) {
      if (toxiproxyServer === null && started.length > 0) continue;
      const logFile = join(folder, 'proxy.log');
      const environment = { PATH: process.env['PATH'] };
      const server = await startLinks({ environment, logFile, toxiproxyServer });
      started.push(server);
      const link = server.links.create('bench');
      const { port } = await link.addProxy('bench', { host: '127.0.0.1', port: upstream.port });
      paths.push(newPath(toxiproxyServer === null ? 'built-in' : 'toxiproxy-server', port));
    }
    // The first round warms up and is not counted.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const path of paths) await measure(path, round > 0);
    }
    reportPaths(paths, report);
  } finally {
    for (const server of started) await server.stop();
    await upstream.stop();
    rmSync(folder, { recursive: true });
  }
}

function newPath(name: string, port: number): Path {
  return { name, port, mbPerS: [], median_us: [], p99_us: [] };
}

async function measure(path: Path, isCounted: boolean): Promise<void> {
  const mbPerS = await throughput(path.port);
  const trips_us = await roundTrips(path.port);
  if (!isCounted) return;
  path.mbPerS.push(mbPerS);
  path.median_us.push(quantile(trips_us, 0.5));
  path.p99_us.push(quantile(trips_us, 0.99));
}

function reportPaths(paths: readonly Path[], report: (line: BenchLine) => void): void {
  const [direct, builtIn, toxiproxy] = paths;
  const line = (name: string, unit: string, of: (path: Path) => number) => {
    const measured = of(builtIn!);
    const peer = toxiproxy && { peer: { name: toxiproxy.name, value: of(toxiproxy) } };
    report({ name, measured, unit, ...peer, ok: null });
  };
  const added = (of: (path: Path) => number[]) => {
    return (path: Path) => quantile(of(path), 0.5) - quantile(of(direct!), 0.5);
  };
  line('built-in proxy, throughput', 'MB/s', ({ mbPerS }) => quantile(mbPerS, 0.5));
  report({
    name: 'no proxy, throughput',
    measured: quantile(direct!.mbPerS, 0.5),
    unit: 'MB/s',
    ok: null,
  });
  line(
    'built-in proxy, added to a round trip, median',
    'µs',
    added(({ median_us }) => median_us),
  );
  line(
    'built-in proxy, added to a round trip, p99',
    'µs',
    added(({ p99_us }) => p99_us),
  );
}

/** One connection, one direction, until the upstream has counted every byte. */
async function throughput(port: number): Promise<number> {
  const socket = await open(port, 'S');
  const chunk = Buffer.alloc(64 * 1024);
  const confirmed = once(socket, 'data');
  const from = hostNow();
  for (let sent = 0; sent < ROUND_BYTES; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  await confirmed;
  const seconds = (hostNow() - from) / 1000;
  socket.destroy();
  return ROUND_BYTES / 1e6 / seconds;
}

/** One connection, one request at a time; microseconds each. */
async function roundTrips(port: number): Promise<number[]> {
  const socket = await open(port, 'E');
  const request = Buffer.alloc(TRIP_BYTES);
  const trips_us: number[] = [];
  await new Promise<void>((resolve, reject) => {
    let received = 0;
    let from = 0;
    const send = () => {
      from = hostNow();
      socket.write(request);
    };
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received < TRIP_BYTES) return;
      received = 0;
      trips_us.push((hostNow() - from) * 1000);
      if (trips_us.length === ROUND_TRIPS) resolve();
      else send();
    });
    send();
  });
  socket.destroy();
  return trips_us;
}

async function open(port: number, mode: 'S' | 'E'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(mode);
  return socket;
}

/** The upstream has a thread of its own: `S` swallows and confirms a round's bytes, `E` echoes. */
async function startUpstream(): Promise<{ port: number; stop(): Promise<unknown> }> {
  const code = `
    const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer({ noDelay: true }, (socket) => {
      let mode = null;
      let left = ${ROUND_BYTES};
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        if (mode === null) {
          mode = chunk[0];
          chunk = chunk.subarray(1);
        }
        if (mode === 69) {
          if (chunk.length > 0) socket.write(chunk);
          return;
        }
        left -= chunk.length;
        if (left === 0) socket.write('d');
      });
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(code, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  return { port, stop: () => worker.terminate() };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
