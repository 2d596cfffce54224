// The settings of a primary that hands its write-ahead log to a repository segment by segment, and
// the script that does it.
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePrivateFile, type Owner } from '../../host/files.ts';
import type { Settings } from '../server/settings.ts';

const SCRIPT = fileURLToPath(new URL('../../../compose/entrypoints/archive.sh', import.meta.url));
const SCRIPT_NAME = 'archive.sh';
const TOKEN_NAME = 'archive-token';

export interface ArchiveOptions {
  /** The script's directory, which the databases' user can pass through. */
  readonly directory: string;
  readonly owner: Owner;
  /** The repository, as the primary reaches it through the link. */
  readonly to: { readonly host: string; readonly port: number };
  readonly token: string;
  /** A segment is handed over at the latest so long after its first record. */
  readonly timeout_ms: number;
}

/** Writes the script and its token; returns what has to stand in the primary's configuration. */
export function installArchiving(options: ArchiveOptions): Settings {
  const seconds = Math.max(1, Math.ceil(options.timeout_ms / 1000));
  return {
    archive_mode: 'on',
    archive_command: installArchiveCommand(options),
    archive_timeout: `${seconds}s`,
  };
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

/**
 * Quotes for a shell, and for PostgreSQL, which replaces `%f` and `%p` and refuses any other `%`.
 */
function forCommand(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`.replaceAll('%', '%%');
}
