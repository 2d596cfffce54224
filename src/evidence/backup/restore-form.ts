// The form of what a restore drill found, `facts.json`, and of what follows from it, `result.json`.
// The types follow from it.
import * as z from 'zod';
import type { Frozen } from '../../drill/planned.ts';
import { VERDICTS } from '../result-form.ts';

const text = z.string();
const ms = z.number().nonnegative();
const time = z.string().describe('In ISO form.');

const finding = z.object({
  code: z.enum([
    'no-backup',
    'no-backup-label',
    'other-cluster',
    'damaged-backup',
    'missing-segment',
    'damaged-log',
    'wrong-timeline',
    'recovery-failed',
    'load-failed',
    'not-finished',
  ]),
  text,
});

const check = z.object({
  name: text,
  state: z.enum(['passed', 'failed', 'skipped']).describe('What was skipped proves nothing.'),
  detail: text,
});

export const restoreFactsForm = z.object({
  schema: z.literal('drill.restore-facts/1'),
  id: text,
  at: time.describe('The moment of the simulated disaster: when the drill began.'),
  drill_version: text,
  backup: z
    .object({
      kind: z
        .enum(['basebackup', 'pgbackrest', 'barman', 'pg_dump'])
        .exactOptional()
        .describe('Left out: basebackup.'),
      label: text.nullable().exactOptional().describe('Which one of several. Null: there is one.'),
      format: z.enum(['plain', 'tar', 'repository', 'custom', 'directory', 'sql']),
      bytes: z.number(),
      major: text,
      system: text.nullable().describe('The system identifier of the cluster. Null: a dump.'),
      started_at: time
        .nullable()
        .describe(
          'The earliest, where it does not say in which zone its clock was, as a dump never does.',
        ),
      started_until: time
        .nullable()
        .exactOptional()
        .describe('The latest. Left out: it is known exactly.'),
      start_lsn: text.nullable(),
      timeline: z.number().nullable(),
    })
    .nullable()
    .describe('Null: it could not be copied.'),
  server: z.object({ version: text }).nullable().describe('What replayed it.'),
  restored: z
    .object({
      copy_ms: ms.describe('Of a dump: to load it.'),
      verify_ms: ms.describe('Of the check against the manifest; no part of the restore.'),
      replay_ms: ms.describe('From the start of the server to the first write that it took.'),
      timeline: z.number().nullable().describe('Null: a dump has no log.'),
      replayed_to: text.nullable(),
      log_end: text.nullable().describe('How far the archive goes without a gap.'),
    })
    .nullable()
    .describe('Null: no server came of it.'),
  newest: z
    .object({
      transaction_at: time.nullable().describe('The last one that was replayed.'),
      heartbeat_at: time.nullable(),
    })
    .describe('By the clock of the server that the backup is of.'),
  checks: z.array(check),
  findings: z.array(finding),
  left: z.array(text).exactOptional().describe('What could not be cleaned up. Left out: nothing.'),
});

export type RestoreFacts = Frozen<z.output<typeof restoreFactsForm>>;
export type RestoreFinding = RestoreFacts['findings'][number];
export type RestoreCheckResult = RestoreFacts['checks'][number];

const gate = z.object({
  name: z.enum(['restore', 'rpo']),
  target_ms: ms,
  low_ms: ms.nullable().describe('Null: not measured.'),
  high_ms: ms.nullable(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reason: text.nullable(),
});

export const restoreResultForm = z.object({
  schema: z.literal('drill.restore/1'),
  id: text,
  name: text,
  verdict: z.enum(VERDICTS),
  reasons: z.array(text),
  restore_ms: ms.nullable().describe('Copy and replay. Null: it was not restored.'),
  rpo: z
    .object({
      low_ms: ms,
      high_ms: ms,
      by: z
        .enum(['heartbeat', 'transaction', 'backup'])
        .describe('transaction: nobody knows whether the source wrote anything after it.'),
    })
    .nullable(),
  gates: z.array(gate),
  facts: restoreFactsForm,
  left: z.array(text).describe('What could not be cleaned up.'),
});

export type RestoreResult = Frozen<z.output<typeof restoreResultForm>>;
export type RestoreGate = RestoreResult['gates'][number];
