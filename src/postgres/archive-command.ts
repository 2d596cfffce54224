// The settings of a primary that hands its write-ahead log to a storage segment by segment, and the
// script that does it.
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePrivateFile } from '../host/files.ts';
import { withConnection, type DatabaseAddress } from './connection.ts';
import type { Settings } from './settings.ts';

const SCRIPT = fileURLToPath(new URL('../../compose/entrypoints/archive.sh', import.meta.url));
const SCRIPT_NAME = 'archive.sh';
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const TOKEN_NAME = 'archive-token';

export interface ArchiveOptions {
  /** Where the script is put: a directory that the databases' user can pass through. */
  readonly directory: string;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** The storage, as the primary reaches it through the link. */
  readonly to: { readonly host: string; readonly port: number };
  readonly token: string;
  /** A segment is handed over at the latest so long after its first record. */
  readonly timeout_ms: number;
}

/**
 * Writes the script and its token; returns what has to stand in the primary's configuration. Only
 * `archive_mode` needs to be there from its start: as long as there is no command, segments wait.
 */
export function installArchiving(options: ArchiveOptions): Settings {
  const seconds = Math.max(1, Math.ceil(options.timeout_ms / 1000));
  return {
    archive_mode: 'on',
    archive_command: installArchiveCommand(options),
    archive_timeout: `${seconds}s`,
  };
}

/** Makes a running primary hand its log over from now on; it was started with `archive_mode`. */
export async function startArchiving(
  primary: DatabaseAddress,
  options: ArchiveOptions,
): Promise<void> {
  const { archive_command, archive_timeout } = installArchiving(options);
  await withConnection(primary, LIMITS, async (client) => {
    for (const [name, value] of Object.entries({ archive_command, archive_timeout })) {
      await client.query(`alter system set ${name} = ${client.escapeLiteral(value!)}`);
    }
    await client.query('select pg_reload_conf()');
  });
}

function installArchiveCommand({ directory, owner, to, token }: ArchiveOptions): string {
  const script = join(directory, SCRIPT_NAME);
  const secret = join(directory, TOKEN_NAME);
  copyFileSync(SCRIPT, script);
  chmodSync(script, 0o500);
  if (owner !== null) chownSync(script, owner.uid, owner.gid);
  writePrivateFile(secret, token, owner);
  const stated = [script, to.host, String(to.port), `@${secret}`].map(forCommand);
  return ['bash', ...stated, "'/wal/%f'", "'%p'"].join(' ');
}

/** For a shell, and for PostgreSQL, which replaces `%f` and `%p` and refuses any other `%`. */
function forCommand(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`.replaceAll('%', '%%');
}
