// The game-day file as one zod schema: types, JSON schema, error messages come from here.
import * as z from 'zod';
import { argv, days, duration, formError, whole } from '../../drill/fields.ts';
import { named } from '../../drill/file/schema-topology.ts';
import { notice } from './schema-notify.ts';
import { blockedDates, schedule, window, zone } from './schema-times.ts';

const text = z.string().min(1).max(500);

/** `${name}` in the texts of the file stands for its value. */
const variables = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, {
    error: formError('a name of small letters, digits and _'),
  }),
  z.union([z.string().max(500), z.number(), z.boolean()], {
    error: formError('a text, a number, true or false'),
  }),
);

const overrides = z
  .record(z.string().min(1).max(100), z.union([z.string(), z.number(), z.boolean()]))
  .describe('Other values for keys of the drill file: { targets.rto: 5s }.');

const findings = z
  .record(z.string(), text)
  .describe(
    'Gates that are known to fail, each with what is to be mended: ' +
      '{ rto: "OPS-412: promotion is slow" }. ' +
      'Such a gate keeps the day green while it fails, and turns it red when it starts to pass.',
  );

const drill = z.union(
  [
    text.transform((file): PlannedDrill => ({ drill: file, set: {}, findings: {} })),
    z
      .strictObject({
        drill: text.describe('A drill file, or the name of a drill.'),
        set: overrides.prefault({}),
        seed: whole(0, 4_294_967_295).optional().describe('Seed of this drill.'),
        repeat: whole(1, 10_000).optional().describe('How many trials of it.'),
        findings: findings.prefault({}),
      })
      .transform((each): PlannedDrill => each),
  ],
  {
    error: formError('a drill file such as drills/region-outage.yaml, or { drill: FILE, set: … }'),
  },
);

/** One of a day's drills. */
export interface PlannedDrill {
  readonly drill: string;
  readonly set: Readonly<Record<string, string | number | boolean>>;
  readonly seed?: number | undefined;
  readonly repeat?: number | undefined;
  readonly findings: Readonly<Record<string, string>>;
}

const within = (most: string) => duration('100ms', most);

const CLEAN = 'last-drill-was-clean';

const precondition = z.union(
  [
    z.literal(CLEAN).transform((): Precondition => ({ kind: 'clean' })),
    z
      .strictObject({
        url: z.url({ protocol: /^https?$/, error: 'expected a URL such as http://host/health' }),
        status: whole(100, 599).default(200).describe('The answer that is expected.'),
        within: within('5m').prefault('10s').describe('How long the answer may take.'),
      })
      .transform((each): Precondition => ({ kind: 'url', ...each })),
    z
      .strictObject({
        command: argv,
        within: within('1h').prefault('1m').describe('How long the command may take.'),
      })
      .transform((each): Precondition => ({ kind: 'command', ...each })),
  ],
  { error: formError(`{ url: http://… }, { command: [program, argument] } or ${CLEAN}`) },
);

/** What has to hold before a game day begins. */
export type Precondition =
  | { readonly kind: 'clean' }
  | { readonly kind: 'url'; readonly url: string; readonly status: number; readonly within: number }
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly within: number };

const approve = z
  .union(
    [
      z
        .literal('operator')
        .transform(() => ({ by: 'operator' as const, within: APPROVE_WITHIN_MS })),
      z.strictObject({
        by: z.literal('operator'),
        within: duration('1m', '168h').prefault('1h').describe('How long somebody is waited for.'),
      }),
    ],
    { error: formError('operator, or { by: operator, within: 30m }') },
  )
  .describe('Who has to agree before anything is broken. Default: nobody.');

const APPROVE_WITHIN_MS = 3_600_000;

const roles = z
  .strictObject({
    owner: text.optional(),
    on_call: text.optional(),
    observers: z.array(text).max(64).default([]),
  })
  .describe('Who takes part; the report names them.');

export const gameDaySchema = z
  .strictObject({
    gameday: z.literal(1).describe('Version of this format.'),
    name: named('a name').describe('Names the records and the reports.'),
    description: z.string().max(2000).default('').describe('For people.'),
    zone: zone.default('UTC').describe('Time zone of everything below that names none.'),
    schedule,
    jitter: duration('0s', '12h')
      .prefault('0s')
      .describe('Each game day begins by up to so much later, drawn anew for each.'),
    allowed_windows: z.array(window).max(64).default([]).describe('None begins outside of these.'),
    blocked_windows: z.array(window).max(64).default([]).describe('None begins in these.'),
    blocked_dates: blockedDates.describe('None begins on these days.'),
    if_missed: z
      .enum(['run', 'skip', 'report'])
      .default('report')
      .describe(
        'What becomes of a game day that was due while no service ran. run: it is run late, the ' +
          'last one of several; skip: it is left out; report: it is left out, and messages say so.',
      ),
    overlap: z
      .literal('forbid')
      .default('forbid')
      .describe('A game day that is due while another one runs waits for its end.'),
    variables: variables.prefault({}).describe('Values for `${name}` in the texts of this file.'),
    drills: z.array(drill).min(1).max(64).describe('The drills of the day, in their order.'),
    after_failure: z
      .enum(['stop', 'continue'])
      .default('stop')
      .describe('Whether the drills after one that did not pass are run.'),
    preconditions: z.array(precondition).max(32).default([]).describe('What has to hold before.'),
    approve: approve.optional(),
    roles: roles.prefault({}),
    notify: z.array(notice).max(32).default([]).describe('Who is told, of what, and how.'),
    retention: z
      .strictObject({
        keep_for: days('1d', '36500d').prefault('365d').describe('Older records are removed.'),
      })
      .prefault({})
      .describe('How long the records of game days are kept.'),
  })
  .describe('A game day: drills on a schedule, with a record.')
  .transform(({ zone, ...rest }) => {
    const inZone = <T extends { readonly zone: string | null }>(each: T) => {
      return { ...each, zone: each.zone ?? zone };
    };
    return {
      ...rest,
      schedule: rest.schedule.map(inZone),
      allowed_windows: rest.allowed_windows.map(inZone),
      blocked_windows: rest.blocked_windows.map(inZone),
      blocked_dates: rest.blocked_dates.map(inZone),
    };
  });

/** A game-day file that is valid; its values are in ms, its times and windows taken apart. */
export type GameDay = z.output<typeof gameDaySchema> & {
  /** Values of the environment that no text may show. */
  readonly secrets: readonly string[];
};

/** JSON schema, draft-07, of what a game-day file may hold. */
export function gameDayJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(gameDaySchema, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'game-day file', ...rest };
}
