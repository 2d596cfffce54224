// A server of drill's own on a copy of somebody's backup. It has no way to anywhere: no
// publisher, no archive, no primary, and no network where the machine can take it away; it is
// reached over a socket in a private folder alone.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { EnvironmentError } from '../../host/environment-error.ts';
import { makePrivateDirectory, writePrivateFile } from '../../host/files.ts';
import { currentUser } from '../../host/users.ts';
import { recoverySettings } from '../restore/restore-target.ts';
import { startRecovering, type RecoveringServer } from '../restore/restored-server.ts';
import { oneRow, type DatabaseAddress } from '../server/connection.ts';
import { ownerOf } from '../server/identity.ts';
import { startServer, type Server, type ServerOptions } from '../server/launcher.ts';
import { cutOff } from './cut-off.ts';
import {
  serverSettings,
  setStandby,
  writeConfiguration,
  type Settings,
} from '../server/settings.ts';

const NOT_CUT_OFF =
  'the sandbox is not cut off from the network: this machine does not let unshare do that';

/** What an address of a socket may have, with the name of the socket in it. */
const SOCKET_PATH_MAX = 107;
const SOCKET_NAME = '/.s.PGSQL.65535';

/** A server of the sandbox, whatever comes into it. */
export interface Confined extends ServerOptions {
  /** Made anew, for the socket. */
  readonly sockets: string;
  /** A superuser in it. */
  readonly user: string;
  readonly onStep: (title: string) => void;
  /** Of the server: `15.18`. */
  readonly version: string;
}

export interface Sandbox extends Confined {
  /** A folder of links to the archived log. */
  readonly view: string;
  /** A shell's words that put `%f` of it at `%p`; null: it is copied. */
  readonly get: string | null;
  readonly timeline: 'latest' | 'current';
  readonly database: string;
}

/**
 * What its own configuration said is gone. `hot_standby` is off so that no setting of the source,
 * such as its number of connections, keeps it from replaying; prepared transactions of the source
 * and the locks of amcheck on all tables find room. No subscription of the backup is carried on.
 */
const ALONE: Settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  wal_level: 'replica',
  hot_standby: 'off',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_prepared_transactions: '200',
  max_locks_per_transaction: '512',
  autovacuum: 'off',
};

/** The first versions that can forbid reading what is on another server. */
const CLOSED_SINCE: Readonly<Record<string, number>> = { 12: 20, 13: 16, 14: 13, 15: 8, 16: 4 };
const CLOSED_ALWAYS_SINCE = 17;

/** A view of the source that is filled anew, or a check, may read a table of yet another server. */
function withoutForeign(version: string): Settings {
  const [major = 0, minor = 0] = version.split('.').map((part) => parseInt(part, 10));
  const isAble = major >= CLOSED_ALWAYS_SINCE || minor >= (CLOSED_SINCE[major] ?? Infinity);
  return isAble ? { restrict_nonsystem_relation_kind: 'foreign-table' } : {};
}

/** Resolves once it takes a write. */
export async function startSandbox(sandbox: Sandbox): Promise<RecoveringServer> {
  const { data, view, get, timeline, identity } = sandbox;
  configure(sandbox, { ...recoverySettings(view, get), recovery_target_timeline: timeline });
  writePrivateFile(join(data, 'recovery.signal'), '', ownerOf(identity));
  const reach = ({ port }: { readonly port: number }) => addressOf(sandbox, port, sandbox.database);
  const confined = { ...sandbox, through: await wayInto(sandbox) };
  return await startRecovering(confined, reach, writeMessage);
}

/** The same of a cluster that is made for it, in which nothing is yet. */
export async function startEmpty(confined: Confined): Promise<Server> {
  configure(confined, {});
  return await startServer(confined);
}

/**
 * What goes before each program of it. Told where the machine has no way to cut it off: what is in
 * the backup could reach a server.
 */
export async function wayInto({
  identity,
  onStep,
}: Omit<Confined, 'through'>): Promise<readonly string[] | undefined> {
  const through = await cutOff(identity);
  if (through === null) onStep(NOT_CUT_OFF);
  return through ?? undefined;
}

/** A transaction of its own that needs no table: a message in the log. */
export async function writeMessage(client: pg.Client): Promise<number | null> {
  const { timeline } = await oneRow<{ timeline: string | null }>(
    client,
    `select case when not pg_is_in_recovery() then
       substr(pg_walfile_name(pg_logical_emit_message(true, 'drill', 'restored')), 1, 8)
     end as timeline`,
  );
  return timeline === null ? null : parseInt(timeline, 16);
}

/** The way of the superuser to one of its databases. */
export function addressOf(
  { sockets, user }: Pick<Confined, 'sockets' | 'user'>,
  port: number,
  database: string,
): DatabaseAddress {
  return { host: sockets, port, user, password: '', database };
}

function configure({ data, sockets, user, identity, version }: Confined, recovery: Settings): void {
  const owner = ownerOf(identity);
  requireShort(sockets);
  makePrivateDirectory(sockets, owner);
  const own: Settings = {
    ...serverSettings(20),
    ...recovery,
    ...ALONE,
    ...withoutForeign(version),
    unix_socket_directories: sockets,
  };
  writeConfiguration(data, own, [], owner);
  // Whoever gets into the folder is this user, or the server's own.
  const names = new Set([currentUser()?.name ?? identity.name, identity.name]);
  const map = [...names].map((name) => `drill ${quoted(name)} ${quoted(user)}\n`);
  writePrivateFile(join(data, 'pg_hba.conf'), 'local all all peer map=drill\n', owner);
  writePrivateFile(join(data, 'pg_ident.conf'), map.join(''), owner);
  setStandby(data, false, owner);
  for (const old of ['postmaster.pid', 'postmaster.opts']) rmSync(join(data, old), { force: true });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function requireShort(sockets: string): void {
  const length = sockets.length + SOCKET_NAME.length;
  if (length <= SOCKET_PATH_MAX) return;
  throw new EnvironmentError({
    what: `the socket of the restored server in ${sockets}`,
    expected: `a path of ${SOCKET_PATH_MAX} bytes at most, as sockets have it`,
    found: `${length} bytes`,
    hint: 'name a shorter place: TMPDIR=/tmp drill …',
  });
}
