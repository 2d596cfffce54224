// The file of a restore drill: which backup a team has, what the database in it has to hold, and
// how old it may be. One zod schema, from which types, JSON schema and messages come.
import * as z from 'zod';
import { duration, formError, whole } from '../fields.ts';
import { named } from '../file/schema-topology.ts';
import { anyBackup, BACKUP_KINDS, type BackupKind } from './backups.ts';

const statement = z.string().min(1).max(10_000);

const TABLE_FORM = 'a table such as public.orders';

const table = z
  .string({ error: formError(TABLE_FORM) })
  .regex(/^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/, { error: formError(TABLE_FORM) });

const check = z.union(
  [
    z.literal('amcheck').transform(() => ({ kind: 'amcheck' as const })),
    z
      .strictObject({
        freshness: z.strictObject({
          query: statement.describe('Returns one time: of the newest row.'),
          at_most: duration('1s', '8760h').describe('How old that may be at the disaster.'),
        }),
      })
      .transform(({ freshness }) => ({ kind: 'freshness' as const, ...freshness })),
    z
      .strictObject({
        rows: z.strictObject({ table, at_least: whole(1, 1e12) }),
      })
      .transform(({ rows }) => ({ kind: 'rows' as const, ...rows })),
    z
      .strictObject({
        query: z.strictObject({
          sql: statement.describe('Returns one row; its first column is compared as text.'),
          expected: z.union([z.string(), z.number(), z.boolean()]).transform(String),
        }),
      })
      .transform(({ query }) => ({ kind: 'query' as const, ...query })),
  ],
  {
    error: formError(
      'amcheck, { freshness: { query, at_most } }, { rows: { table, at_least } } or ' +
        '{ query: { sql, expected } }',
    ),
  },
);

export const restoreFileSchema = z
  .strictObject({
    restore: z.literal(1).describe('Version of this format.'),
    name: named('a name').describe('Names the folder of what was found.'),
    description: z.string().max(2000).default('').describe('For people.'),
    backup: anyBackup,
    timeline: z
      .enum(['latest', 'current'])
      .default('latest')
      .describe('Whether the log is followed across promotions, or on the timeline of the backup.'),
    user: z.string().min(1).max(63).default('postgres').describe('A superuser in the backup.'),
    database: z.string().min(1).max(63).default('postgres').describe('Where checks are made.'),
    heartbeat: z
      .strictObject({
        table: table.prefault('dr_drill.heartbeat'),
        every: duration('100ms', '10m').prefault('1s'),
      })
      .optional()
      .describe('A row that is written all the time: `drill heartbeat run`. Default: none.'),
    targets: z
      .strictObject({
        restore: duration('1s', '168h').optional().describe('From the copy to the first write.'),
        rpo: duration('0s', '8760h')
          .optional()
          .describe('The age of the newest transaction at the moment of the disaster, at most.'),
      })
      .prefault({}),
    checks: z
      .array(check)
      .min(1)
      .max(64)
      .prefault(['amcheck'])
      .describe('What has to be true of the restored database. Default: amcheck.'),
    deadline: duration('1s', '168h')
      .prefault('2h')
      .describe('The restore is given up after it. Default: 2h, or targets.restore if longer.'),
  })
  .describe('A restore drill: a backup of your own, restored into a sandbox and judged.');

/** Of a file whose backup is of that kind: what is wrong with it is told of that kind alone. */
export const restoreFileOf = (kind: BackupKind) =>
  restoreFileSchema.extend({ backup: BACKUP_KINDS[kind] });

/** A file that is valid; its durations are in milliseconds. */
export type RestoreFile = z.output<typeof restoreFileSchema>;
export type RestoreCheck = z.output<typeof check>;

/** JSON schema, draft-07, of what the file may hold. */
export function restoreFileJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(restoreFileSchema, {
    target: 'draft-7',
    io: 'input',
  });
  return { $schema, title: 'restore file', ...rest };
}
