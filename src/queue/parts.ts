// What is too large for one statement, beside its job: the evidence of a trial, in parts. Each of
// them fits into the time that a statement may take also where the way is slow, and what is there
// is not sent again. So only a database that is silent keeps it from arriving.
import type { Statements } from './database.ts';
import { IS_HELD, SCHEMA, type Mine } from './holders.ts';

/** Takes a statement's time at 13 kB/s. */
const PART_BYTES = 2 ** 18;
export const PARTS_MOST = 1_024;
/** More than this is not sent through a database. */
export const SENT_BYTES = PARTS_MOST * PART_BYTES;

const MAKE = `do $$ begin
  if to_regclass('${SCHEMA}.part') is null then
    perform pg_advisory_xact_lock(hashtext('${SCHEMA}.part'));
    create table if not exists ${SCHEMA}.part (
      job uuid not null, token text not null, number int not null, bytes bytea not null,
      sent_on timestamptz not null default now(), primary key (job, token, number)
    );
  end if;
end $$`;

export async function makeParts(db: Statements): Promise<void> {
  await db.executeSql(MAKE);
}

/** Whose parts they are, and how many. */
export interface Attached {
  readonly id: string;
  /** Of who has sent them: another holder's are others. */
  readonly token: string;
  readonly count: number;
}

/** False: the job is held no more; null: the signal aborted first. */
export async function sendParts(
  db: Statements,
  { queue, id, held }: Mine,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { token } = held.at(-1)!;
  const text = `select number from ${SCHEMA}.part where job = $1 and token = $2`;
  const { rows } = await db.executeSql(text, [id, token]);
  const there = new Set((rows as { number: number }[]).map(({ number }) => number));
  for (let number = 0; number < countOf(bytes); number++) {
    if (there.has(number)) continue;
    if (signal.aborted) return null;
    const part = bytes.subarray(number * PART_BYTES, (number + 1) * PART_BYTES);
    const insert = `insert into ${SCHEMA}.part (job, token, number, bytes)
      select $2::uuid, $3, $4::int, $5::bytea from ${SCHEMA}.job
      where name = $1 and id = $2::uuid and ${IS_HELD}
      on conflict (job, token, number) do update set bytes = excluded.bytes`;
    const { rowCount } = await db.executeSql(insert, [queue, id, token, number, part]);
    if (rowCount === 0) return false;
  }
  return true;
}

/** How many parts it is sent in. */
export function countOf({ length }: Buffer): number {
  return Math.ceil(length / PART_BYTES);
}

/** `stopped`: the signal aborted first; `lacking`: one is not there, or is larger than any. */
export type CameOfParts = 'whole' | 'stopped' | 'lacking';

export async function fetchParts(
  db: Statements,
  { id, token, count }: Attached,
  parts: Buffer[],
  signal: AbortSignal,
): Promise<CameOfParts> {
  const text = `select encode(bytes, 'base64') as bytes from ${SCHEMA}.part
    where job = $1 and token = $2 and number = $3 and octet_length(bytes) <= ${PART_BYTES}`;
  while (parts.length < count) {
    if (signal.aborted) return 'stopped';
    const { rows } = await db.executeSql(text, [id, token, parts.length]);
    const [part] = rows as { bytes: string }[];
    if (part === undefined) return 'lacking';
    parts.push(Buffer.from(part.bytes, 'base64'));
  }
  return 'whole';
}

/** Removes those of the jobs of which `which` is true, with their parts; resolves to their ids. */
export async function removeJobs(
  db: Statements,
  { queue, ids, which }: { queue: string; ids: readonly string[]; which: string },
): Promise<string[]> {
  const text = `with gone as (delete from ${SCHEMA}.job
      where name = $1 and id = any($2::uuid[]) and ${which} returning id),
    parts as (delete from ${SCHEMA}.part where job in (select id from gone))
    select id from gone`;
  const { rows } = await db.executeSql(text, [queue, ids]);
  return (rows as { id: string }[]).map(({ id }) => id);
}

/** What nobody came for, of jobs in queues of that beginning. */
export async function forgetUnwanted(db: Statements, beginning: string): Promise<void> {
  const text = `delete from ${SCHEMA}.job
    where starts_with(name, $1) and completed_on < now() - interval '14 days'`;
  await db.executeSql(text, [beginning]);
  await db.executeSql(`delete from ${SCHEMA}.part where sent_on < now() - interval '14 days'`);
}
