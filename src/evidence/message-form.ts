// The form of a message about a game day, as webhooks with `format: json` and commands get it.
import * as z from 'zod';
import type { Frozen } from '../drill/planned.ts';
import { gameDayForm } from './gameday-form.ts';

const text = z.string();

const { name, file, due_at, began_at, ended_at, roles, stop, verdict, drills } = gameDayForm.shape;
const drill = drills.element.pick({ name: true, file: true, state: true, outcome: true });

/** What a message is about. */
const EVENTS = [
  'started',
  'declared',
  'ended',
  'missed',
  'blocked',
  'unclean',
  'stale',
  'test',
] as const;

export const messageForm = z.object({
  schema: z.literal('drill.message/1'),
  id: text.describe('The same each time that this message is sent: a second one is to be dropped.'),
  event: z
    .enum(EVENTS)
    .describe(
      'ended: of one that began, whatever its verdict; blocked: one that did not begin; ' +
        'declared: the disaster in the first trial of a drill.',
    ),
  at: text.describe('UTC. When it happened, and not when it is sent.'),
  text: text.describe('The same for people; several lines.'),
  gameday: z.object({
    name,
    file,
    id: text.nullable().describe('Null: it is about no game day of its own.'),
    due_at: due_at.nullable(),
    began_at,
    ended_at,
    roles,
    stop,
    verdict,
  }),
  drill: z
    .object({ name: text, detail: text })
    .nullable()
    .describe('declared, unclean and stale: which drill, and by whom, what was left, since when.'),
  drills: z.array(drill).describe('As far as the game day has come.'),
});

export type Message = Frozen<z.output<typeof messageForm>>;
export type MessageEvent = Message['event'];
