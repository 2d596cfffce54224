// What `pgbackrest info --output=json` says of one stanza: its backups, and the log each needs.
import { timelineOf } from '../../server/lsn.ts';
import type { BackupRange } from '../../backup/backup-manifest.ts';

interface Status {
  readonly code: number;
  readonly message: string;
}

/** As far as it is read. */
interface Info {
  readonly name: string;
  readonly status: Status;
  readonly repo?: readonly { readonly status: Status }[];
  readonly db: readonly {
    readonly id: number;
    readonly 'system-id': string;
    readonly version: string;
  }[];
  readonly backup: readonly {
    readonly label: string;
    readonly database: { readonly id: number };
    readonly archive: { readonly start: string | null; readonly stop: string | null };
    readonly lsn?: { readonly start: string; readonly stop: string };
    readonly timestamp: { readonly stop: number };
    readonly info: { readonly size: number };
    readonly error?: boolean | null;
    /** Only where one backup alone was asked for. */
    readonly tablespace?: readonly unknown[] | null;
  }[];
}

export interface StoredBackup {
  readonly label: string;
  readonly bytes: number;
  /** Of the cluster. */
  readonly system: string;
  /** The folder of its log: `15-1`. */
  readonly archive: string;
  /** The segment in which its replay begins. */
  readonly first: string;
  readonly range: BackupRange | null;
  /** Pages with wrong sums were found when it was taken. */
  readonly pageErrors: boolean;
  /** As far as it was asked for alone. */
  readonly hasTablespaces: boolean;
}

/** No such stanza, and no backup in it. */
const NOT_ALL = [0, 2];

/** A string says why there is nothing in it that is of use. The oldest backup is the first one. */
export function parseInfo(text: string, stanza: string): readonly StoredBackup[] | string {
  // The identifier has more digits than a number here can hold.
  const quoted = text.replaceAll(/"system-id":\s*(\d+)/g, '"system-id":"$1"');
  let infos: readonly Info[];
  try {
    infos = JSON.parse(quoted) as readonly Info[];
  } catch {
    return `it is not JSON: ${text.slice(0, 200)}`;
  }
  const info = infos.find(({ name }) => name === stanza);
  if (info === undefined) return 'it is not named';
  const { status, repo = [], db, backup } = info;
  if (!NOT_ALL.includes(status.code)) return repo[0]?.status.message ?? status.message;
  return backup
    .toSorted((one, other) => one.timestamp.stop - other.timestamp.stop)
    .flatMap(
      ({ label, database, archive, lsn, info: { size }, error, tablespace }): StoredBackup[] => {
        const cluster = db.find(({ id }) => id === database.id);
        const { start, stop } = archive;
        if (cluster === undefined || start === null || stop === null) return [];
        return [
          {
            label,
            bytes: size,
            system: cluster['system-id'],
            archive: `${cluster.version}-${cluster.id}`,
            first: start,
            range:
              lsn === undefined
                ? null
                : { timeline: timelineOf(start), lsn: lsn.start, end_lsn: lsn.stop },
            pageErrors: error === true,
            hasTablespaces: (tablespace ?? []).length > 0,
          },
        ];
      },
    );
}

/** The newest, or the one that is named. A string says that there is none. */
export function chosenBackup(
  backups: readonly StoredBackup[],
  set: string | undefined,
): StoredBackup | string {
  const chosen = set === undefined ? backups.at(-1) : backups.find(({ label }) => label === set);
  if (chosen !== undefined) return chosen;
  const there = backups.map(({ label }) => label).join(', ');
  const what = set === undefined ? 'there is no backup' : `there is no backup ${set}`;
  return there === '' ? what : `${what}; there are ${there}`;
}
