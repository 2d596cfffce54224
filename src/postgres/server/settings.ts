// The servers' configuration files, written whole: nothing of what initdb guessed about the machine
// stays in them.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile, type Owner } from '../../host/files.ts';
import { LOOPBACK } from '../../host/ports.ts';

export type Settings = Readonly<Record<string, string>>;

/** Settings that change what a drill measures; every result shows them. */
export const MEASURED_SETTINGS: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // PostgreSQL's own defaults are 5 s, 10 s, 60 s and 60 s.
  wal_retrieve_retry_interval: '500ms',
  wal_receiver_status_interval: '1s',
  wal_receiver_timeout: '5s',
  wal_sender_timeout: '5s',
};

const COMMON_SETTINGS: Settings = {
  ...MEASURED_SETTINGS,
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  max_slot_wal_keep_size: '2GB',
  // A standby joins by WAL alone, without a slot: it must still find the WAL of the bring-up.
  wal_keep_size: '256MB',
  // Below the data directory, where it goes with the directory: nothing of a killed server stays in
  // /dev/shm, which is tiny or missing in some containers.
  dynamic_shared_memory_type: 'mmap',
  hot_standby: 'on',
  hot_standby_feedback: 'on',
  track_commit_timestamp: 'on',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
  lc_messages: 'C',
};

/** Connections that may be needed at once; a standby must allow at least as many as its primary. */
export function serverSettings(connections: number): Settings {
  return { ...COMMON_SETTINGS, max_connections: String(connections) };
}

/**
 * One line of pg_hba.conf: who may ask for a password, and for which database (`replication` is
 * one).
 */
export interface Admission {
  readonly database: string;
  readonly user: string;
}

/**
 * Replaces the configuration of a stopped server. `postgresql.auto.conf` is emptied: a copied
 * directory may carry settings of the server that it came from.
 */
export function writeConfiguration(
  data: string,
  settings: Settings,
  admissions: readonly Admission[],
  owner: Owner,
): void {
  const rules = admissions.map(
    ({ database, user }) => `host ${database} ${user} ${LOOPBACK}/32 scram-sha-256\n`,
  );
  writePrivateFile(join(data, 'postgresql.conf'), settingsText(settings), owner);
  writePrivateFile(join(data, 'postgresql.auto.conf'), '', owner);
  writePrivateFile(join(data, 'pg_hba.conf'), rules.join(''), owner);
  writePrivateFile(join(data, 'pg_ident.conf'), '', owner);
}

/** Lines of postgresql.conf. */
export function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join('');
}

/** Makes the stopped server a standby at its next start, or an ordinary server. */
export function setStandby(data: string, isStandby: boolean, owner: Owner): void {
  const file = join(data, 'standby.signal');
  if (isStandby) writePrivateFile(file, '', owner);
  else rmSync(file, { force: true });
}

function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export interface Primary {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** How the primary calls the standby: its region. */
  readonly name: string;
  readonly passfile: string;
}

/** A connection string of libpq, without the password: that stands in the password file. */
export function connectionInfo(primary: Primary): string {
  const { host, port, user, name: application_name, passfile } = primary;
  const parts = { host, port, user, application_name, passfile, connect_timeout: 2 };
  const escape = (value: string | number) =>
    String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return Object.entries(parts)
    .map(([key, value]) => `${key}='${escape(value)}'`)
    .join(' ');
}
