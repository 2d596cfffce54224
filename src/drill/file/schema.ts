// The drill file as one zod schema: types, JSON schema, reference, error messages come from here.
import * as z from 'zod';
import { DURATION, parseDuration } from '../../base/units.ts';
import {
  argv,
  days,
  describeInput,
  duration,
  formError,
  instanceCount,
  percent,
  plannedArgv,
  rate,
  size,
  whole,
} from '../fields.ts';
import { ms } from '../planned.ts';
import { targetsSchema } from '../gate/targets.ts';
import { BACK_SETTINGS } from '../recovery/back.ts';
import { stepsSetting } from '../recovery/by-hand.ts';
import { MAX_LOSS_SETTINGS } from '../recovery/max-loss.ts';
import { RECOVERY_NAMES, RECOVERY_SETTINGS } from '../recovery/registry.ts';
import { RETRY_SETTINGS } from '../recovery/retries.ts';
import { HISTORY_FORM, isHistoryForm } from '../database-address.ts';
import { runtime, runtimeSettings } from './runtimes.ts';
import { controls } from './schema-controls.ts';
import { fault } from './schema-faults.ts';
import { repeat } from './schema-repeat.ts';
import { stopWhen } from '../stop.ts';
import { named, topology } from './schema-topology.ts';

const workload = z
  .strictObject({
    via: z
      .enum(['http', 'sql'])
      .default('http')
      .describe('http: clients call the orders service; sql: they insert into the database.'),
    rate: rate('1/s', '100000/s')
      .prefault('200/s')
      .describe('Operations due each second, whatever the service does.'),
    writers: whole(1, 1024).default(16).describe('Id spaces of the writes; no limit on them.'),
    payload: size('1B', '64KiB').prefault('256B').describe('Payload of one write.'),
    timeout: duration('10ms', '1m').prefault('1s').describe('Time limit of one operation.'),
    reads: percent('0%', '100%')
      .prefault('0%')
      .describe('Share of operations that read a row back.'),
    updates: percent('0%', '100%')
      .prefault('0%')
      .describe('Share of operations that change a row which other writers change too.'),
    shared_rows: whole(1, 10_000).default(8).describe('Rows that `updates` choose from.'),
    carts: rate('1/s', '100000/s')
      .optional()
      .describe('Cart writes due each second, besides `rate`. Default: 50/s with Redis.'),
    seed_rows: whole(0, 1_000_000)
      .default(100)
      .describe('Rows written before the warm-up, within 50 s; they count as operations.'),
  })
  .describe('The clients.');

const price = z
  .number({
    error: ({ code, input }) =>
      code === 'invalid_type' ? `expected a number, got ${describeInput(input)}` : undefined,
  })
  .min(0)
  .max(1e6);

const cost = z
  .strictObject({
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: formError('three capital letters such as EUR') })
      .describe('Of all prices here.'),
    instance_hour: z
      .union([price, z.strictObject({ postgres: price, app: price, redis: price.optional() })], {
        error: formError('a price from 0, or one of each kind: { postgres: 0.2, app: 0.05 }'),
      })
      .describe(
        'A rented machine for an hour: one price for every node, or one for each kind of node. ' +
          'A repository of backups is no machine; what it keeps is paid by `gb_month`.',
      ),
    gb_month: price.describe('A gigabyte kept on a disk for a month.'),
    gb_transferred: price.describe('A gigabyte that crosses from one region to the other.'),
    backup_every: duration('1m', '8760h')
      .optional()
      .describe('How often your real system takes a base backup: a drill takes far more.'),
    segment_every: duration('1s', '24h')
      .optional()
      .describe('How often your real system archives a segment of log (`wal: archive`).'),
  })
  .describe('Prices of what is rented, for a monthly figure of the recovery region.');

const sustain = z
  .strictObject({
    for: duration('100ms', '10m').prefault('3s').describe('Service must hold for this long.'),
    success: percent('1%', '100%')
      .prefault('99%')
      .describe('Share of operations served in that time.'),
    capacity: percent('1%', '100%')
      .prefault('90%')
      .describe('Share of the steady rate that must be served again.'),
    within: duration('1ms', '1m')
      .optional()
      .describe(
        'Served means answered within. Default: 10 × the steady p99, 100ms to the timeout.',
      ),
  })
  .describe('When service counts as back.');

/** Who says that a disaster is one, from when on it is recovered from. */
export const plannedDeclaration = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('automatic') }),
  /** Nobody: the system recovers by itself. */
  z.strictObject({ by: z.literal('nobody') }),
  /** So long after detection. */
  z.strictObject({ by: z.literal('after'), after_ms: ms }),
  /** Somebody presses Enter. */
  z.strictObject({ by: z.literal('operator') }),
  /** A command that exits 0. */
  z.strictObject({ by: z.literal('command'), command: plannedArgv }),
]);
export type Declaration = Readonly<z.output<typeof plannedDeclaration>>;

const DECLARE_FORM = 'automatic, operator, `after 5s` or { command: [program, argument, …] }';
const declareError = formError(DECLARE_FORM);

const declare = z
  .union(
    [
      z.literal('automatic').transform((): Declaration => ({ by: 'automatic' })),
      z.literal('none').transform((): Declaration => ({ by: 'nobody' })),
      z.literal('operator').transform((): Declaration => ({ by: 'operator' })),
      z
        .string()
        .regex(new RegExp(`^after +${DURATION.pattern}$`), { error: declareError })
        .transform((text): Declaration => {
          const after = parseDuration(text.slice('after'.length).trim())!;
          return { by: 'after', after_ms: after };
        }),
      z
        .strictObject({ command: argv })
        .transform(({ command }): Declaration => ({ by: 'command', command })),
    ],
    { error: declareError },
  )
  .describe(
    'Who decides that it is a disaster: the health checks, after so long, a person, a command; ' +
      'none, where a system of your own recovers by itself.',
  );

const recover = z
  .strictObject({
    with: z.enum(RECOVERY_NAMES).optional().describe("The procedure. Default: the strategy's own."),
    ...RECOVERY_SETTINGS,
    steps: stepsSetting,
    ...BACK_SETTINGS,
    ...MAX_LOSS_SETTINGS,
    ...RETRY_SETTINGS,
    deadline: duration('1s', '24h')
      .optional()
      .describe(
        'After the disaster; later counts as never. Default: 2 × `targets.rto`, at least 30s; ' +
          'where `topology.data` is restored, longer by what that may take.',
      ),
    instances: instanceCount.describe(
      'App instances the recovery region is scaled to. Default: as the active region has.',
    ),
  })
  .describe('How service is brought back.');

export const drillSchema = z
  .strictObject({
    drill: z.literal(1).describe('Version of this format.'),
    name: named('a name').describe('Names the run directory and the reports.'),
    description: z.string().max(2000).default('').describe('For people.'),
    tags: z
      .array(named('a tag'))
      .max(32)
      .default([])
      .describe('By which some of many drills are run: `--tag nightly`.'),
    controls: controls.optional(),
    runtime: runtime
      .default('auto')
      .describe('How the regions are made: processes on loopback, or docker compose.'),
    targets: targetsSchema,
    topology,
    workload: workload.prefault({}),
    warm_up: z
      .strictObject({
        at_most: duration('0s', '10m')
          .prefault('10s')
          .describe(
            'Time for the latency to settle before the steady state. Of a system of your own the ' +
              'rate rises for the first half of it.',
          ),
      })
      .prefault({})
      .describe('Load whose figures are not used.'),
    steady: z
      .strictObject({
        for: duration('1s', '10m')
          .prefault('3s')
          .describe('Healthy time that the rest is compared with.'),
      })
      .prefault({})
      .describe('The healthy phase before the faults.'),
    faults: z.array(fault).min(1).max(32).describe('What is broken on purpose.'),
    disaster: z
      .literal('none')
      .optional()
      .describe(
        'none: chaos without a disaster. Nothing is failed over; what clients saw while the ' +
          'faults lasted and after them is judged, and the steady state has to come back.',
      ),
    declare: declare.prefault('automatic'),
    recover: recover.prefault({}),
    sustain: sustain.prefault({}),
    failback: z
      .boolean()
      .default(false)
      .describe('Afterwards, the lost region is made whole again and the first layout restored.'),
    preflight: z
      .enum(['require', 'warn'])
      .default('require')
      .describe('Whether a check that fails before the first fault ends the drill.'),
    expect: z
      .enum(['recovery', 'ride-out'])
      .default('recovery')
      .describe(
        'What the drill is to prove. recovery: the procedure runs, and a fault that is over ' +
          'before it proves nothing. ride-out: service goes on or comes back by itself.',
      ),
    stop_when: z
      .array(stopWhen)
      .max(16)
      .default([])
      .describe(
        'From the first fault on, what ends the run at once, healed: conditions such as ' +
          '`availability < 50% for 30s`, over the last second of all clients.',
      ),
    max_duration: duration('10s', '24h')
      .optional()
      .describe('The whole run is stopped, healed and cleaned up after so long.'),
    cost: cost.optional(),
    repeat: repeat.optional(),
    max_age: days('1d', '3650d')
      .optional()
      .describe('How long a pass stands: `drill status` ends with 1 where the last one is older.'),
  })
  .describe('A disaster-recovery drill.')
  .refine(({ targets, disaster }) => disaster === 'none' || targets?.rto !== undefined, {
    path: ['targets', 'rto'],
    error: 'is required',
    when: () => true, // whatever else is wrong, this is said too
  });

/** A drill file that is valid and makes sense; its values are in ms, /s, bytes and shares. */
export type Drill = z.output<typeof drillSchema>;

/** `drill.config.yaml`; `defaults` is a partial drill file and is checked as a layer of its own. */
export const configSchema = z.strictObject({
  runtime: runtime.optional().describe('The runtime, where a drill file names none.'),
  out: z.string().min(1).optional().describe('Where runs are kept. Default: .drill/runs.'),
  keep: z
    .enum(['never', 'on-failure', 'always'])
    .optional()
    .describe('Whether the system is left running afterwards. Default: never.'),
  ...runtimeSettings.shape,
  runs: z
    .strictObject({
      keep_for: days('0d', '36500d').optional().describe('Older runs are removed. Default: 30d.'),
      keep_size: size('0B', '100000GB')
        .optional()
        .describe('The most that all runs may take. Default: 2GB.'),
      keep_at_least: whole(0, 1_000_000)
        .optional()
        .describe('So many runs are kept, whatever their age and size. Default: 50.'),
    })
    .optional()
    .describe('How long runs are kept.'),
  history: z
    .string({ error: HISTORY_FORM })
    .refine(isHistoryForm, { error: HISTORY_FORM })
    .optional()
    .describe('The PostgreSQL to which results go too. Default: off, files alone.'),
  defaults: z.unknown().optional().describe('Keys of a drill file, for all drill files here.'),
});

export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

/** JSON schema, draft-07, of what a drill file may hold. */
export function drillJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(drillSchema, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'drill file', ...rest };
}
