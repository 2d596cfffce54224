// Reads a shared history. Whoever can write there may have written what they like: a row that no
// drill has written so is left out and named, and no row counts for more than somebody's word.
import type { Client } from 'pg';
import { printable } from '../../base/visible.ts';
import { fitted, type Fit } from '../../drill/misfit.ts';
import {
  factsLine,
  seriesVerdicts,
  type HistoryEntry,
  type RunFacts,
} from '../../evidence/history-form.ts';
import type { Verdict } from '../../verdict/result.ts';
import { historyLineIn } from '../history/history-line.ts';
import { versionOf } from './migrations.ts';

export interface SharedRun {
  readonly machine: string;
  readonly who: string;
  readonly entry: HistoryEntry;
}

export interface SharedHistory {
  readonly runs: readonly SharedRun[];
  readonly facts: ReadonlyMap<string, RunFacts>;
  /** What the series of a run came to, by the run. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Rows that count for nothing, and why. */
  readonly damaged: readonly string[];
}

/** So many of the newest are read. */
const RUNS_MOST = 20_000;
const SERIES_MOST = 5_000;
/** As the database keeps it; more than any run takes. */
const ROW_BYTES = 2 ** 17;
const NAME_LENGTH = 255;

/** What changes with whatever is sent, and when rows are removed. */
export async function markOfShared(client: Client): Promise<string> {
  if ((await versionOf(client)) === 0) return '';
  const { rows } = await client.query<Record<string, unknown>>(
    // All times, and not the newest: the clock of the database may have been set back.
    `select (select count(*) || ' ' || sum(extract(epoch from sent_at)) from drill.runs) as runs,
       (select count(*) || ' ' || sum(extract(epoch from sent_at)) from drill.series) as series`,
  );
  return JSON.stringify(rows[0]);
}

/** Nothing where no drill has sent anything yet. */
export async function readShared(client: Client): Promise<SharedHistory> {
  const found = { runs: [] as SharedRun[], damaged: [] as string[] };
  const facts = new Map<string, RunFacts>();
  if ((await versionOf(client)) === 0) return { ...found, facts, verdicts: new Map() };
  const { rows } = await client.query<Row>(
    `select machine, who, id, entry from drill.runs
     where pg_column_size(entry) <= ${ROW_BYTES} order by at desc limit ${RUNS_MOST}`,
  );
  for (const row of rows) {
    const read = runIn(row);
    if ('value' in read) found.runs.push(read.value);
    else found.damaged.push(printable(`${row.id} of ${row.machine}: ${read.problem}`));
  }
  const shared = await client.query<{ hash: string; facts: unknown }>(
    `select distinct on (1) entry->>'facts' as hash, facts from drill.runs
     where pg_column_size(facts) <= ${ROW_BYTES} order by 1, at desc`,
  );
  for (const { hash, facts: own } of shared.rows) {
    const read = fitted(factsLine.shape.facts, own);
    if ('value' in read) facts.set(hash, read.value);
  }
  return { ...found, facts, verdicts: await verdictsIn(client) };
}

/** Which of these runs, or series, somebody has sent. */
export async function sentOf(
  client: Client,
  kind: 'runs' | 'series',
  ids: readonly string[],
): Promise<Set<string>> {
  if ((await versionOf(client)) === 0) return new Set();
  const text = `select distinct id from drill.${kind} where id = any($1)`;
  const { rows } = await client.query<{ id: string }>(text, [ids]);
  return new Set(rows.map(({ id }) => id));
}

interface Row {
  readonly machine: string;
  readonly who: string;
  readonly id: string;
  readonly entry: unknown;
}

function runIn({ machine, who, id, entry }: Row): Fit<SharedRun> {
  const read = historyLineIn(entry);
  if ('problem' in read) return read;
  const { value } = read;
  if (value.schema !== 'drill.history/1') return { problem: 'it is no run' };
  if (value.id !== id) return { problem: `it is that of ${value.id}` };
  // Whatever shows them need not know that somebody else has chosen them.
  const odd = [machine, who, ...textsOf(value)].find((text) => {
    return printable(text) !== text || text.length > NAME_LENGTH;
  });
  if (odd !== undefined) return { problem: 'it has a text that no drill writes' };
  return { value: { machine, who, entry: value } };
}

function textsOf({ series, drill, runtime, gates, phases, facts }: HistoryEntry): string[] {
  const names = [...Object.keys(phases), ...gates.map(({ name }) => name)];
  return [series ?? '', ...Object.values(drill), runtime ?? '', facts, ...names];
}

async function verdictsIn(client: Client): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const { rows } = await client.query<{ results: unknown }>(
    `select results from drill.series
     where pg_column_size(results) <= ${8 * ROW_BYTES} order by sent_at desc limit ${SERIES_MOST}`,
  );
  for (const { results } of rows) {
    const read = fitted(seriesVerdicts, results);
    if ('problem' in read) continue;
    for (const { verdict, trials } of read.value) {
      for (const { run } of trials) if (!verdicts.has(run)) verdicts.set(run, verdict);
    }
  }
  return verdicts;
}
