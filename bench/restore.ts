// A restore beside a plain copy of the same bytes and the server's own start and replay. The start
// counts, since the server makes the copy durable then: it flushes every file to the disk before it
// replays, which no restore may leave out and a plain copy has not done.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { copyTree } from '../src/host/files.ts';
import { hostNow } from '../src/host/clock.ts';
import { insertRows, Stored } from '../test/support/postgres/stored.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const RESTORES = 5;
const RESTORE_LEAST = 0.9;
/** Of payload; with what the log adds, some 300 MB to copy and 200 MB to replay. */
const ROWS = { backed: 60_000, logged: 40_000 };

/** Takes about a minute. */
export async function benchRestore(report: (line: BenchLine) => void): Promise<void> {
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
      name: 'restore, beside a plain copy of the same bytes and the server’s own start and replay',
      measured: ratio,
      unit: '×',
      peer: { name: 'the restore took, ms,', value: median(rounds.map((each) => each.whole_ms)) },
      limit: { relation: '>=', value: RESTORE_LEAST },
      ok: ratio >= RESTORE_LEAST,
    });
    report({
      name: 'of it, until the server has flushed the copy to the disk and begins to replay',
      measured: Math.round(median(rounds.map(({ flushed_ms }) => flushed_ms))),
      unit: 'ms',
      ok: null,
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

/** By the server's own log: until it took connections, and until it had flushed the copy. */
function ownTimes(log: string) {
  const at = (words: string) => {
    const line = log.split('\n').findLast((each) => each.includes(words));
    if (line === undefined) throw new Error(`the server's log does not say "${words}"`);
    return Date.parse(line.slice(0, '2026-01-01 00:00:00.000'.length).replace(' ', 'T') + 'Z');
  };
  const began = at('starting PostgreSQL');
  return { own_ms: at(READY) - began, flushed_ms: at('starting backup recovery') - began };
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
  const { own_ms, flushed_ms } = ownTimes(log());
  return { plain_ms: copied_ms + own_ms, flushed_ms, whole_ms };
}
