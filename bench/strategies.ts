// The recovery strategies: a restore beside a plain copy of the same bytes and the server's own
// replay, clients of an active-active system that lose their region, and all four strategies
// compared with the stock files.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { OPERATION_KIND, OUTCOME } from '../src/evidence/ledger/operation.ts';
import { readLedger } from '../src/evidence/ledger/ledger-reader.ts';
import { readJournal } from '../src/evidence/journal.ts';
import { readPlan, runFile } from '../src/evidence/run-files.ts';
import { worstDetectionMs } from '../src/drill/plan/plan.ts';
import { copyTree } from '../src/host/files.ts';
import { hostNow } from '../src/host/clock.ts';
import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import { insertRows, Stored } from '../test/support/postgres/stored.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

type Report = (line: BenchLine) => void;

const RESTORES = 3;
const RESTORE_LEAST = 0.9;
/** Of payload; with what the log adds, some 300 MB to copy and 200 MB to replay. */
const ROWS = { backed: 60_000, logged: 40_000 };
const SERVED_SPARE_MS = 100;
const ROUNDS = 3;
const COMPARE_MAX_MS = 90_000;

/** Takes about four minutes. */
export async function benchStrategies(report: Report): Promise<void> {
  await benchRestore(report);
  await benchServedAgain(report);
  await benchCompare(report);
}

async function benchRestore(report: Report): Promise<void> {
  // The servers are let go of as they start: nothing else keeps this process waiting for them.
  const awake = setInterval(() => {}, 1_000);
  const stored = await Stored.start({ wal: 'receive' });
  try {
    await fill(stored, 1, ROWS.backed);
    await stored.backup();
    await fill(stored, 2, ROWS.logged);
    await stored.kill();
    await stored.hold();
    const rounds = [];
    for (let round = 0; round < RESTORES; round++) rounds.push(await restoreOnce(stored, round));
    const ratio = median(rounds.map(({ plain_ms, whole_ms }) => plain_ms / whole_ms));
    report({
      name: 'restore, beside a plain copy of the same bytes and the server’s own replay',
      measured: ratio,
      unit: '×',
      peer: { name: 'the restore took, ms,', value: median(rounds.map((each) => each.whole_ms)) },
      limit: { relation: '>=', value: RESTORE_LEAST },
      ok: ratio >= RESTORE_LEAST,
    });
  } finally {
    await stored.stop();
    clearInterval(awake);
  }
}

/** Rows of a kilobyte, written by the server itself. */
async function fill(stored: Stored, writer: number, rows: number): Promise<void> {
  await insertRows(stored, writer, 1); // the tables are there
  await stored.database.query(
    `insert into orders (writer, sequence, payload, region)
     select ${writer}, n + 1, (select string_agg(md5(n::text || i), '')
         from generate_series(1, 60) i), 'east' from generate_series(1, ${rows}) n`,
  );
}

const READY = 'is ready to accept connections';
const SAID_AT_MOST_MS = 30_000;

/** By the server's own log: from the beginning of its recovery until it took connections. */
function replayMs(log: string): number {
  const at = (words: string) => {
    const line = log.split('\n').findLast((each) => each.includes(words));
    if (line === undefined) throw new Error(`the server's log does not say "${words}"`);
    return Date.parse(line.slice(0, '2026-01-01 00:00:00.000'.length).replace(' ', 'T') + 'Z');
  };
  return at(READY) - at('starting backup recovery');
}

async function restoreOnce(stored: Stored, round: number) {
  const backups = join(stored.repository, 'backups');
  const newest = readdirSync(backups)
    .filter((name) => !name.endsWith('.json'))
    .toSorted()
    .at(-1)!;
  const copy = join(stored.directory, `plain-${round}`);
  const began = hostNow();
  await copyTree(join(backups, newest), copy);
  const copied_ms = hostNow() - began;
  rmSync(copy, { recursive: true });
  const start = hostNow();
  const restored = await stored.restore({ by: 'all' });
  const whole_ms = hostNow() - start;
  // It takes writes a moment before it says so.
  const log = () => readFileSync(`${restored.server.data}.log`, 'utf8');
  while (!log().includes(READY) && hostNow() - start < SAID_AT_MOST_MS) await pause(5);
  await restored.server.stop(); // its log is whole then
  return { plain_ms: copied_ms + replayMs(log()), whole_ms };
}

/** How long after the fault the last of the writers was served again for the first time. */
async function benchServedAgain(report: Report): Promise<void> {
  const place = new Workplace();
  try {
    const drill = ['run', `${ROOT}drills/strategies/active-active.yaml`, '--quiet'];
    const worst: number[] = [];
    let limit_ms = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await timed(place, [...drill, '--seed', String(round + 1)]);
      const directory = place.runs().at(-1)!;
      const { gslb } = readPlan(directory);
      limit_ms = worstDetectionMs(gslb) + gslb.ttl_s * 1_000 + SERVED_SPARE_MS;
      worst.push(lastServedMs(directory));
    }
    const measured = Math.max(...worst);
    report({
      name: 'active-active, until every writer is served again (worst of three)',
      measured: Math.round(measured),
      unit: 'ms',
      limit: { relation: '<=', value: limit_ms },
      ok: measured <= limit_ms,
    });
  } finally {
    place.remove();
  }
}

function lastServedMs(directory: string): number {
  const { events } = readJournal(runFile(directory, 'journal'));
  const fault_ms = events.find(({ event }) => event === 'fault.started')!.t;
  const { count, kind, writer, outcome, scheduled_ms, done_ms } = readLedger(
    runFile(directory, 'ledger'),
  ).operations;
  const failed = new Map<number, number>();
  const isWrite = (row: number) => kind[row] === OPERATION_KIND.write;
  for (let row = 0; row < count; row++) {
    if (!isWrite(row) || scheduled_ms[row]! < fault_ms) continue;
    if (outcome[row] === OUTCOME.acknowledged) continue;
    failed.set(writer[row]!, Math.max(failed.get(writer[row]!) ?? 0, scheduled_ms[row]!));
  }
  const served = [...failed].map(([each, last_ms]) => {
    let first = Infinity;
    for (let row = 0; row < count; row++) {
      if (!isWrite(row) || writer[row] !== each || scheduled_ms[row]! <= last_ms) continue;
      if (outcome[row] === OUTCOME.acknowledged) first = Math.min(first, done_ms[row]!);
    }
    return first - fault_ms;
  });
  return Math.max(0, ...served);
}

async function benchCompare(report: Report): Promise<void> {
  const place = new Workplace();
  try {
    const ms = await timed(place, ['compare', `${ROOT}drills/strategies`, '--quiet']);
    report({
      name: 'drill compare of the four strategies',
      measured: Math.round(ms),
      unit: 'ms',
      limit: { relation: '<=', value: COMPARE_MAX_MS },
      ok: ms <= COMPARE_MAX_MS,
    });
  } finally {
    place.remove();
  }
}
