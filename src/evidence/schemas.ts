// The JSON schemas (draft-07) of the files of a run and of a series, for programs that read them.
// Each is made from the schema by which drill itself reads the file.
import * as z from 'zod';
import { plan1Schema } from '../drill/plan/plan-1.ts';
import { planSchema } from '../drill/plan/plan.ts';
import { JOURNAL_FORMAT } from './event.ts';
import { gameDayForm } from './gameday-form.ts';
import { journalLine } from './journal.ts';
import { messageForm } from './message-form.ts';
import { loss, resultForm } from './result-form.ts';
import { restoreResultForm } from './backup/restore-form.ts';
import { seriesForm } from './series-form.ts';

interface Published {
  /** `drill.result/1`, as the file says of itself. */
  readonly format: string;
  readonly title: string;
  readonly description: string;
  readonly form: z.ZodType;
}

/** By what `drill schema` calls them. */
const PUBLISHED = {
  result: {
    format: resultForm.shape.schema.value,
    title: 'result of a drill',
    description: 'result.json. A later version of drill may add keys; those that are here stay.',
    form: resultForm,
  },
  journal: {
    format: JOURNAL_FORMAT,
    title: 'line of the journal of a drill',
    description: 'journal.ndjson, each line by itself.',
    form: journalLine,
  },
  series: {
    format: seriesForm.shape.schema.value,
    title: 'series of trials',
    description: '.drill/series/ID.json: what was to be run, and what came of it.',
    form: seriesForm,
  },
  gameday: {
    format: gameDayForm.shape.schema.value,
    title: 'record of a game day',
    description: '.drill/gamedays/ID.json: its drills, and what came of them.',
    form: gameDayForm,
  },
  restore: {
    format: restoreResultForm.shape.schema.value,
    title: 'result of a restore drill',
    description: 'result.json of `drill restore`: what was found in a backup, and the verdict.',
    form: restoreResultForm,
  },
  message: {
    format: messageForm.shape.schema.value,
    title: 'message about a game day',
    description: 'What webhooks with `format: json`, and commands, are told.',
    form: messageForm,
  },
  plan: {
    format: planSchema.shape.schema.value,
    title: 'plan of a drill',
    description: 'plan.json: a drill file with every default filled in and every choice drawn.',
    form: z.union([planSchema, plan1Schema]),
  },
} as const satisfies Record<string, Published>;

export type SchemaName = keyof typeof PUBLISHED;

export const SCHEMA_NAMES = Object.keys(PUBLISHED) as SchemaName[];

/** What a file may hold that was written by this version of drill, or one before it. */
export function evidenceSchema(name: SchemaName): Record<string, unknown> {
  const { format, title, description, form } = PUBLISHED[name];
  const { $schema, ...rest } = z.toJSONSchema(form, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // A result of before there was a second store has its numbers above alone.
      if (zodSchema !== loss) return;
      jsonSchema.required = jsonSchema.required?.filter((key) => key !== 'stores') ?? [];
    },
  });
  const $id = `urn:dr-drill:${format.replace(/^drill\./, '').replace('/', ':')}`;
  return { $schema, $id, title, description, ...rest };
}
