// What a server of somebody's own tells of itself, where not everybody may ask: a managed service
// may keep its write-ahead log to itself, and a role may lack the right to ask for it.
import type pg from 'pg';
import { reasonOf } from '../../host/operation-failed.ts';
import { errorCode, oneRow } from '../server/connection.ts';
import { UNTOLD_TIMELINE, WRITTEN_TIMELINE } from '../server/timeline.ts';

/** No right to it; not made for this service, or for its settings; no such function. */
const KEPT = ['42501', '0A000', '55000', '42883'];

const IDENTIFIER = 'select system_identifier::text as told from pg_control_system()';
/** All that is asked of a server's log: where it writes, and its timeline. */
const LOG = `select concat(pg_current_wal_lsn(), ${WRITTEN_TIMELINE},
  (select timeline_id from pg_control_checkpoint())) as told`;

/** `told` null: it keeps that to itself; `why`: in its own words. */
export interface Told {
  readonly told: string | null;
  readonly why: string;
}

/** Which system this is, by PostgreSQL: no two have the same. */
export async function identifierOf(client: pg.Client): Promise<Told> {
  return await ask(client, IDENTIFIER);
}

/** Asked of a primary: a standby writes no log. */
export async function logOf(client: pg.Client): Promise<Told> {
  return await ask(client, LOG);
}

/** The timeline that is written, in SQL, where the log is told or not. */
export function timelineOf({ told }: Told): string {
  return told === null ? UNTOLD_TIMELINE : WRITTEN_TIMELINE;
}

/** What is not known then, and what goes on without it. */
export function keptWords(node: string, { why }: Told): string {
  return (
    `${node} does not tell of its log (${why}): no timelines, the side of a write goes by the ` +
    'server that took it; how far a standby is behind is not known'
  );
}

async function ask(client: pg.Client, sql: string): Promise<Told> {
  const found = await ifTold(oneRow<{ told: string }>(client, sql));
  return 'told' in found ? { told: found.told, why: '' } : { told: null, why: found.why };
}

/** Its answer, or why it gives none; outside of a transaction, which an error would end. */
export async function ifTold<T extends object>(
  asked: Promise<T>,
): Promise<T | { readonly why: string }> {
  try {
    return await asked;
  } catch (error) {
    const why = reasonOf(error);
    if (KEPT.includes(errorCode(error))) return { why };
    throw error;
  }
}
