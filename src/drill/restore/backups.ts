// What a team has of its database: the kinds of backups, each with where it is and what says which
// of them is meant. The password of one that is encrypted never stands in the file.
import * as z from 'zod';
import { formError, secretSource, whole } from '../fields.ts';

const text = z.string().min(1).max(1_000);

const IDENTIFIER_FORM = 'the system identifier of the cluster, in quotes: "7438123456789012345"';
const ROLE_FORM = 'the name of a role';
const STANZA_FORM = 'the name of a stanza';

const identifier = z
  .string({ error: formError(IDENTIFIER_FORM) })
  .regex(/^[0-9]{15,20}$/, { error: formError(IDENTIFIER_FORM) })
  .optional()
  .describe('Of the cluster that it has to be a backup of: pg_control_system().');

/** A word that goes into a path and a command, and is no option of one. */
const word = (form: string) =>
  z.string({ error: formError(form) }).regex(/^[\w][\w.-]*$/, { error: formError(form) });

const jobs = whole(1, 64).default(1);

const basebackup = z
  .strictObject({
    kind: z.literal('basebackup'),
    path: text.describe('The folder that pg_basebackup wrote. It is read only.'),
    wal: text
      .optional()
      .describe('The folder of archived write-ahead log. Default: only what the backup carries.'),
    identifier,
  })
  .describe('What pg_basebackup wrote: a data directory, or tar.');

const pgbackrest = z
  .strictObject({
    kind: z.literal('pgbackrest'),
    path: text.describe('The repository on a disk: repo1-path. It is read only.'),
    stanza: word(STANZA_FORM).describe('Whose backup it is.'),
    set: word('the label of a backup').optional().describe('Which one. Default: the newest.'),
    passphrase: secretSource('the passphrase')
      .optional()
      .describe('Of a repository that is encrypted: repo1-cipher-pass.'),
    jobs: jobs.describe('Files that are restored at once: process-max.'),
    identifier,
  })
  .describe('A repository of pgBackRest, whose own program restores it.');

const barman = z
  .strictObject({
    kind: z.literal('barman'),
    path: text.describe('The folder of one server, with `base` and `wals`. It is read only.'),
    id: word('the id of a backup').optional().describe('Which one. Default: the newest.'),
    identifier,
  })
  .describe('What Barman keeps of a server.');

const dump = z
  .strictObject({
    kind: z.literal('pg_dump'),
    path: text.describe('A custom or SQL file, or a directory. It is read only.'),
    major: whole(9, 99)
      .optional()
      .describe('Version of the server it is loaded into. Default: of the server it is from.'),
    roles: z
      .array(word(ROLE_FORM))
      .max(256)
      .default([])
      .describe('Made beforehand, since a dump names roles and carries none.'),
    jobs: jobs.describe('Tables that are loaded at once, of a custom file or a directory.'),
  })
  .describe('What pg_dump wrote.');

export const BACKUP_KINDS = { basebackup, pgbackrest, barman, pg_dump: dump } as const;

export type BackupKind = keyof typeof BACKUP_KINDS;

export const anyBackup = z
  .discriminatedUnion('kind', [basebackup, pgbackrest, barman, dump])
  .describe('The backup. Nothing is written there, and nothing reaches the server it came from.');

export type BackupOf<K extends BackupKind> = z.output<(typeof BACKUP_KINDS)[K]>;
