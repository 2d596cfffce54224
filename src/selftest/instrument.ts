// What the instrument itself costs on this machine, and how fine it sees: the proxy in the way of
// each request, a line of the ledger, how late an operation starts, how finely a wait ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { rankOf } from '../base/statistics.ts';
import { createLedger } from '../evidence/ledger/ledger.ts';
import { OPERATION_KIND } from '../evidence/ledger/operation.ts';
import { readEvidence } from '../evidence/run-files.ts';
import { hostClock, hostNow } from '../host/clock.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { startLinks } from '../link/start.ts';
import { markedEnvironment } from '../host/process/environment.ts';
import { SERVE } from './known/run.ts';
import { runTruths } from './known/runs.ts';
import { startKnownService } from './known/service.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface Instrument {
  /** What the built-in proxy adds to a request and its answer: at the middle, and the 99th %. */
  readonly proxy_ms: Spread;
  /** One operation in the ledger, sent and answered. */
  readonly ledger_us: number;
  /** How long after it was due an operation was sent. */
  readonly start_ms: Spread;
  /** How much longer a wait of 1 ms takes. */
  readonly wait_ms: Spread;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
}

const REQUESTS = 300;
const OPERATIONS = 20_000;
const FLUSHED_EVERY = 100;
const WAITS = 200;
const RUN = 'selftest';

export async function examineInstrument(
  environment: Variables,
  signal: AbortSignal,
): Promise<Instrument> {
  return {
    proxy_ms: await proxyCost(environment, signal),
    ledger_us: ledgerCost(),
    start_ms: await startDelay(signal),
    wait_ms: await waitError(signal),
  };
}

/** The same service, asked straight and through the proxy in turns. */
async function proxyCost(environment: Variables, signal: AbortSignal): Promise<Spread> {
  const folder = mkdtempSync(join(temporaryDirectory(), 'drill-selftest-'));
  const service = await startKnownService({ clock: hostClock() });
  try {
    const links = await startLinks({
      environment: markedEnvironment(environment, RUN),
      logFile: join(folder, 'proxy.log'),
      toxiproxyServer: null,
      signal,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    try {
      const link = links.links.create('selftest');
      const proxy = await link.addProxy('selftest', { host: service.host, port: service.port });
      const [straight, through]: [number[], number[]] = [[], []];
      for (let at = 0; at < REQUESTS; at++) {
        signal.throwIfAborted();
        straight.push(await ask(agent, service.port));
        through.push(await ask(agent, proxy.port));
      }
      const [one, other] = [spreadOf(straight), spreadOf(through)];
      return { p50: other.p50 - one.p50, p99: other.p99 - one.p99 };
    } finally {
      agent.destroy();
      await links.stop();
    }
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(agent: Agent, port: number): Promise<number> {
  const began_ms = hostNow();
  await new Promise<void>((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, path: '/healthz' });
    asked.on('error', reject);
    asked.on('response', (response) => response.resume().on('end', resolve).on('error', reject));
    asked.end();
  });
  return hostNow() - began_ms;
}

function ledgerCost(): number {
  const folder = mkdtempSync(join(temporaryDirectory(), 'drill-selftest-'));
  try {
    const header = { schema: 'drill.ledger/1', run: RUN, store: 'orders', seed: 1 } as const;
    const nodes = ['east/app-1'];
    const ledger = createLedger(join(folder, 'ledger.bin'), {
      ...header,
      payload_bytes: 64,
      nodes,
    });
    const began_ms = hostNow();
    for (let sequence = 1; sequence <= OPERATIONS; sequence++) {
      const id = { kind: OPERATION_KIND.write, writer: 1, sequence };
      ledger.send({ ...id, scheduled_ms: sequence, sent_ms: sequence });
      ledger.outcome({ ...id, done_ms: sequence, outcome: 1, node: 0, timeline: 1, flags: 0 });
      if (sequence % FLUSHED_EVERY === 0) ledger.flush();
    }
    const took_ms = hostNow() - began_ms;
    ledger.close();
    return (took_ms * 1_000) / OPERATIONS;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a run in which nothing fails for long, by its ledger. */
async function startDelay(signal: AbortSignal): Promise<Spread> {
  const steps = [{ after_ms: 0, behave: SERVE }];
  const [run] = await runTruths([{ steps, sustain: { for_ms: 1_000 } }], signal);
  try {
    const { operations } = readEvidence(run!.directory).stores[0]!;
    const late: number[] = [];
    for (let row = 0; row < operations!.count; row++) {
      const ms = operations!.sent_ms.at(row) - operations!.scheduled_ms.at(row);
      if (Number.isFinite(ms) && ms >= 0) late.push(ms);
    }
    return spreadOf(late);
  } finally {
    run!.remove();
  }
}

async function waitError(signal: AbortSignal): Promise<Spread> {
  const clock = hostClock();
  const errors: number[] = [];
  for (let at = 0; at < WAITS; at++) {
    const began_ms = hostNow();
    await clock.sleep(1, signal);
    errors.push(hostNow() - began_ms - 1);
  }
  return spreadOf(errors);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[rankOf(share, sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
