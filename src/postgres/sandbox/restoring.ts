// What a restore of somebody's backup needs, and what comes of it.
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { RestoreFacts, RestoreFinding } from '../../evidence/backup/restore-form.ts';
import type { ServerOptions } from '../server/launcher.ts';
import type { BackupSource, LogView } from './source/source.ts';

export interface Restoring extends Omit<ServerOptions, 'bin'> {
  readonly file: RestoreFile;
  readonly source: BackupSource;
  /** As the archive was at the disaster. */
  readonly view: LogView;
  readonly sockets: string;
  readonly at_ms: number;
  readonly onStep: (title: string) => void;
  /** Has what the server leaves in shared memory freed, whatever becomes of this process. */
  readonly deferScrub: (bin: string) => Promise<void>;
}

export type Found = Omit<RestoreFacts, 'schema' | 'id' | 'at' | 'drill_version'>;

/** Where nothing came of it. */
export function nothingRestored(findings: readonly RestoreFinding[]): Found {
  const newest = { transaction_at: null, heartbeat_at: null };
  return { backup: null, server: null, restored: null, newest, checks: [], findings };
}
