// What a dump of pg_dump is, by what it begins with, and what it says of itself.
import { startOf, type Start } from '../moment.ts';

export type DumpFormat = 'custom' | 'tar' | 'directory' | 'sql';

export interface DumpFacts extends Start {
  /** Of the server that it is from. */
  readonly major: number;
  /** `app, 2026-11-30 02:00:00`: the clock is that of whoever dumped, and so is its zone. */
  readonly label: string;
  /** Tables whose rows are in it; null: that shows only once it is loaded. */
  readonly tables: number | null;
  /** The database that it makes for itself (`--create`); null: it goes into one that is there. */
  readonly creates: string | null;
}

const MARK = { custom: 'PGDMP', tar: 'toc.dat\0' } as const;

/** `head`: its first bytes. */
export function formatOfFile(head: Buffer): DumpFormat {
  const text = head.toString('latin1');
  if (text.startsWith(MARK.custom)) return 'custom';
  return text.startsWith(MARK.tar) ? 'tar' : 'sql';
}

/** Of what `pg_restore --list` prints in UTC; a string says why it is none. */
export function readListing(listing: string): DumpFacts | string {
  const valueOf = (what: string) => new RegExp(`^;\\s+${what} (.+)$`, 'm').exec(listing)?.[1];
  const version = valueOf('Dumped from database version:');
  const major = majorIn(version);
  if (major === null) return 'it does not say which server it is from';
  const created = valueOf('Archive created at');
  const tables = (listing.match(/^\d+; \d+ \d+ TABLE DATA /gm) ?? []).length;
  const name = valueOf('dbname:') ?? 'a database';
  const time = created?.slice(0, '2026-11-30 02:00:00'.length);
  return {
    major,
    label: time === undefined ? name : `${name}, ${time}`,
    ...startOf(time),
    tables,
    creates: null,
  };
}

/** Of the beginning of a file of SQL; a string says why it is no dump that is loaded here. */
export function readBeginning(sql: string): DumpFacts | string {
  if (sql.includes('-- PostgreSQL database cluster dump')) {
    return 'a dump of pg_dumpall, which is of a whole cluster';
  }
  if (!sql.includes('-- PostgreSQL database dump')) return 'no dump of pg_dump';
  const connect = /^\\connect (.+)$/m.exec(sql)?.[1] ?? null;
  const creates = connect === null ? null : plainName(connect);
  if (connect !== null && creates === null) {
    return `a dump with --create of a database with an odd name: ${connect}`;
  }
  const major = majorIn(/^-- Dumped from database version (.+)$/m.exec(sql)?.[1]);
  if (major === null) return 'a dump that does not say which server it is from';
  const time = /^-- Started on (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/m.exec(sql)?.[1];
  return {
    major,
    label: time === undefined ? 'SQL' : `SQL, ${time}`,
    ...startOf(time),
    tables: null,
    creates,
  };
}

/** As psql has it after `\\connect`; null: it is one that needs more than quotes. */
function plainName(word: string): string | null {
  return /^(?:([\w.]+)|"([\w.]+)")$/.exec(word)?.slice(1).find(Boolean) ?? null;
}

/** Of a file of SQL that was written to its end. */
export function isEnded(tail: string): boolean {
  return /^-- PostgreSQL database dump complete$/m.test(tail);
}

function majorIn(version: string | undefined): number | null {
  const major = /^(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? null : Number(major);
}
