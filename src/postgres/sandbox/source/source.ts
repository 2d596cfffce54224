// A physical backup of somebody's own, whatever keeps it: how it comes into a folder of drill's,
// and how the server that replays its log gets each segment.
import type { RestoreCheckResult, RestoreFacts } from '../../../evidence/backup/restore-form.ts';
import type { ProcessEnvironment } from '../../../host/process/processes.ts';
import type { BackupRange } from '../../backup/backup-manifest.ts';
import type { Identity } from '../../server/identity.ts';
import type { StepLimits } from '../deadline.ts';

/** What is known before a backup is looked for. */
export interface Opening {
  /** From which its path is. */
  readonly directory: string;
  /** Of the programs of a run. */
  readonly environment: ProcessEnvironment;
  /** The user's own, which may hold what the file only names. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly identity: Identity;
  readonly signal?: AbortSignal;
}

export interface Laying extends StepLimits {
  /** Must not exist; its parent does. */
  readonly data: string;
  /** Whom it belongs to afterwards. */
  readonly identity: Identity;
  readonly environment: ProcessEnvironment;
}

export interface BackupSource {
  readonly facts: Pick<NonNullable<RestoreFacts['backup']>, 'kind' | 'label' | 'format' | 'bytes'>;
  /** Of the cluster, where its tool knows it; null: only the copy does. */
  readonly system: string | null;
  /** The log without which it is not consistent, where its tool knows it. */
  readonly range: BackupRange | null;
  /** For the server that replays it, such as a password that stands nowhere else. */
  readonly environment: ProcessEnvironment;
  /**
   * Copies it. Resolves to what was found out of its files meanwhile; null: nothing, so that they
   * are held against the manifest of PostgreSQL.
   */
  lay(laying: Laying): Promise<RestoreCheckResult | null>;
  /** How a backup without such a manifest could have one. */
  readonly manifestHint?: string;
  /** Makes a folder of links to the log as it is now. */
  view(directory: string): LogView;
}

export interface LogView {
  /** By the names that PostgreSQL asks for. */
  readonly directory: string;
  /** Of these the files are not segments as they are. */
  readonly packed: ReadonlySet<string>;
  /** Programs that unpack them. */
  readonly programs: readonly string[];
  /**
   * A shell's words that put `%f` of it at `%p`, for the server in `data`; null: the files are
   * segments as they are, and are copied.
   */
  readonly get: ((data: string) => string) | null;
}
