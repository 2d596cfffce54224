// One run or series into the database of a shared history. To send it twice changes nothing; nor
// does a state that is older than the one that is there.
import type { Client } from 'pg';
import type { RunUpload, Upload } from '../../evidence/history-form.ts';
import { SharedHistoryError } from './connect.ts';

/** Rejects as the database does, and where another run has its name there. */
export async function upload(client: Client, sent: Upload): Promise<void> {
  if (sent.kind === 'run') await uploadRun(client, sent);
  else await uploadSeries(client, sent);
}

async function uploadRun(client: Client, sent: RunUpload): Promise<void> {
  const { machine, id, who, entry, facts, result, changed_ms } = sent;
  const values = [machine, id, who, entry.drill.name, entry.at, entry.verdict];
  const texts = [json(entry), json(facts), result];
  const { rowCount } = await client.query(
    `insert into drill.runs as known
       (machine, id, who, drill, at, verdict, entry, facts, result, changed_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (machine, id) do update set
       who = excluded.who, verdict = excluded.verdict, entry = excluded.entry,
       facts = excluded.facts, result = excluded.result, changed_ms = excluded.changed_ms,
       sent_at = excluded.sent_at
     where known.drill = excluded.drill and known.at = excluded.at
       and known.changed_ms < excluded.changed_ms`,
    [...values, ...texts, changed_ms],
  );
  if (rowCount === 1) return;
  const { rows } = await client.query(
    'select 1 from drill.runs where machine = $1 and id = $2 and drill = $3 and at = $4',
    [machine, id, entry.drill.name, entry.at],
  );
  if (rows.length === 1) return;
  throw new SharedHistoryError('refused', `another run is there as ${id} of ${machine}`);
}

async function uploadSeries(client: Client, sent: Extract<Upload, { kind: 'series' }>) {
  const { machine, id, who, results, changed_ms } = sent;
  await client.query(
    `insert into drill.series as known (machine, id, who, results, changed_ms)
     values ($1, $2, $3, $4, $5)
     on conflict (machine, id) do update set
       who = excluded.who, results = excluded.results, changed_ms = excluded.changed_ms,
       sent_at = excluded.sent_at
     where known.changed_ms < excluded.changed_ms`,
    [machine, id, who, withoutNul(results), changed_ms],
  );
}

function json(value: unknown): string {
  return withoutNul(JSON.stringify(value));
}

/** PostgreSQL has no character 0 in a text. */
function withoutNul(text: string): string {
  return text.replaceAll('\\u0000', '\\ufffd');
}
