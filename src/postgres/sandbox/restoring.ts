// What a restore of somebody's backup needs, and what comes of it.
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { RestoreFacts, RestoreFinding } from '../../evidence/backup/restore-form.ts';
import type { ServerOptions } from '../server/launcher.ts';
import type { BackupSource, LogView } from './source/source.ts';

/** Whatever comes into the sandbox, and what is asked of it then. */
export interface Seeing extends Omit<ServerOptions, 'bin'> {
  readonly file: RestoreFile;
  /** For the socket of its server. */
  readonly sockets: string;
  /** The moment of the disaster, in milliseconds of the wall clock. */
  readonly at_ms: number;
  readonly onStep: (title: string) => void;
  /** Has what the server leaves in shared memory freed, whatever becomes of this process. */
  readonly deferScrub: (bin: string) => Promise<void>;
}

export interface Restoring extends Seeing {
  readonly source: BackupSource;
  /** As the archive was at the disaster. */
  readonly view: LogView;
}

export type Found = Omit<RestoreFacts, 'schema' | 'id' | 'at' | 'drill_version'>;

/** Where nothing came of it. */
export function nothingRestored(findings: readonly RestoreFinding[]): Found {
  const newest = { transaction_at: null, heartbeat_at: null };
  return { backup: null, server: null, restored: null, newest, checks: [], findings };
}
