// A system that a team runs itself, as a drill file names it: every server that a write could be
// accepted by, the way of its clients, and who says which server is the primary. Pure.
import * as z from 'zod';
import { regionOf } from '../../base/node-name.ts';
import { databaseAddress } from '../database-address.ts';
import {
  argv,
  duration,
  formError,
  plannedArgv,
  plannedSecret,
  rate,
  secretSource,
  size,
  SECRET,
} from '../fields.ts';
import {
  clients,
  count,
  isPlainUrl,
  planClients,
  plannedClients,
  plannedCount,
} from './clients.ts';
import { CONSENT_FILE, systemConsent } from './consent-form.ts';
import { ms, name, perSecond, type Frozen } from '../planned.ts';

const NODE_FORM = 'a name such as east/db1: where it stands, and what it is called there';
const NODE = /^[a-z0-9][a-z0-9-]{0,39}\/[a-z0-9][a-z0-9-]{0,39}$/;
const ADDRESS_FORM =
  'an address such as postgres://drill@10.0.1.11:5432/app, without a password in it';

const nodeName = z
  .string({ error: formError(NODE_FORM) })
  .regex(NODE, { error: formError(NODE_FORM) });

/** What came is not told where it may hold a password. */
const address = z
  .string({ error: () => `expected ${ADDRESS_FORM}` })
  .refine((text) => databaseAddress(text) !== null, {
    error: () => `expected ${ADDRESS_FORM}`,
    ...SECRET,
  })
  .refine((text) => databaseAddress(text)?.secrets.every((each) => each === text || each === ''), {
    error: () => `expected ${ADDRESS_FORM}; the password comes from topology.system.password`,
    ...SECRET,
  });

const PRIMARY_FORM = 'sql, { http: http://{host}:8008/primary } or { command: [program, …] }';

const primary = z
  .union(
    [
      z.literal('sql').transform(() => ({ by: 'sql' as const })),
      z
        .strictObject({
          http: z
            .string()
            .refine(isPlainUrl, {
              error: () =>
                'expected an address such as http://{host}:8008/primary, without a password',
              ...SECRET,
            })
            .describe('Answered with 200 by the primary alone; {host}, {region}, {name}.'),
        })
        .transform(({ http }) => ({ by: 'http' as const, http })),
      z
        .strictObject({ command: argv.describe('Prints the name or the host of the primary.') })
        .transform((stated) => ({ by: 'command' as const, command: stated.command })),
    ],
    { error: formError(PRIMARY_FORM) },
  )
  .prefault('sql')
  .describe('Who says which server is the primary. Default: sql, each server of itself.');

export const ownSystem = z
  .strictObject({
    databases: z
      .record(nodeName, address)
      .refine((all) => Object.keys(all).length >= 2, {
        error: 'expected two servers at least: every one that can ever be the primary',
      })
      .describe('Every server that a write could be accepted by, as region/name. No password.'),
    password: secretSource('the password')
      .optional()
      .describe('Where the password comes from. Default: none is asked.'),
    clients,
    count: count.optional(),
    primary,
    recovers: z
      .enum(['by-itself', 'with-commands'])
      .default('by-itself')
      .describe('Who fails over: the system itself, or the commands of `recover.steps`.'),
    settings: z
      .strictObject({ command: argv.describe('What it prints stands in the result.') })
      .optional()
      .describe('Settings of the system that go with the numbers.'),
    identity: z
      .strictObject({
        command: argv.describe('Prints which account, cluster or context this machine speaks to.'),
        is: z.string().min(1).max(500).describe('What it has to print.'),
      })
      .optional()
      .describe('Asked before anything else; where it prints something else, drill refuses.'),
  })
  .describe('A system of your own, in place of one that drill makes (`runtime: attached`).');

/** What keeps a drill from being the disaster. */
export const guard = z
  .strictObject({
    consent: z
      .string()
      .min(1)
      .default(CONSENT_FILE)
      .describe('The file that `drill attach` writes, from the folder of the drill file.'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,40}$/, {
        error: formError('a name of PostgreSQL in small letters'),
      })
      .default('dr_drill')
      .describe('Where drill makes its own tables, and nowhere else.'),
    rate_at_most: rate('1/s', '100000/s')
      .prefault('100/s')
      .describe('`workload.rate` may not be higher.'),
    bytes_at_most: size('1KiB', '1GiB')
      .prefault('1MB')
      .describe('What `workload.rate` × `workload.payload` may come to in a second.'),
    hurt_for: duration('1s', '24h')
      .prefault('10m')
      .describe(
        'All is undone at the latest so long after the first fault began: what was broken, and ' +
          'what the way back did.',
      ),
    lever: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A file, from the folder of the drill file: while it is there no drill begins, and one ' +
          'that runs undoes all and ends.',
      ),
    stop_when: z
      .strictObject({
        command: argv.describe('Ends with 0 when it hurts; asked again and again.'),
        for: duration('0s', '1h').prefault('5s').describe('So long without a break.'),
      })
      .optional()
      .describe('Undoes all at once where it hurts somebody, by a command of yours.'),
  })
  .describe('What keeps a drill of your own system from being the disaster.');

type Guard = z.output<typeof guard>;

/** As it is where a drill file says nothing of it. */
export function guardOf(stated: Guard | undefined): Guard {
  return stated ?? guard.parse({});
}

export type StatedSystem = z.output<typeof ownSystem>;

/** The regions that its servers stand in, in order; in the first one is the primary. */
export function ownRegions({ databases }: Pick<StatedSystem, 'databases'>): readonly string[] {
  return [...new Set(Object.keys(databases).map(regionOf))];
}

/** What a plan holds of it. No password stands in here. */
export const plannedSystem = z.strictObject({
  databases: z.array(z.strictObject({ node: name, url: z.string() })).min(2),
  password: plannedSecret.nullable(),
  clients: plannedClients,
  /** Absent: what is not in drill's own table is counted by nobody. */
  count: plannedCount.exactOptional(),
  primary: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('sql') }),
    z.strictObject({ by: z.literal('http'), http: z.string() }),
    z.strictObject({ by: z.literal('command'), command: plannedArgv }),
  ]),
  recovers: z.enum(['by-itself', 'with-commands']),
  settings: plannedArgv.nullable(),
  /** Null: it is not asked. */
  identity: z.strictObject({ command: plannedArgv, is: z.string() }).nullable(),
  schema: z.string(),
  rate_at_most_per_s: perSecond,
  /** In a second; absent: of an older plan, which had no such limit. */
  bytes_at_most: z.int().exactOptional(),
  hurt_for_ms: ms,
  lever: z.string().nullable(),
  stop_when: z.strictObject({ command: plannedArgv, for_ms: ms }).nullable(),
  /** What the run is made on the strength of; absent: there is none, so that nothing is done. */
  consent: systemConsent.exactOptional(),
});
export type PlannedSystem = Frozen<z.output<typeof plannedSystem>>;

/** `timeout_ms`: of one operation. */
export function planSystem(
  system: StatedSystem,
  { schema, rate_at_most, bytes_at_most, hurt_for, lever, stop_when }: Guard,
  timeout_ms: number,
): PlannedSystem {
  const { databases, password, primary, recovers, settings, identity } = system;
  const servers = Object.entries(databases).map(([node, url]) => ({ node, url }));
  const share_ms = Math.ceil(timeout_ms / servers.length);
  return {
    databases: servers,
    password: password ?? null,
    clients: planClients(system.clients, share_ms),
    ...(system.count === undefined ? {} : { count: system.count }),
    primary,
    recovers,
    settings: settings?.command ?? null,
    identity: identity ?? null,
    schema,
    rate_at_most_per_s: rate_at_most,
    bytes_at_most,
    hurt_for_ms: hurt_for,
    lever: lever ?? null,
    stop_when:
      stop_when === undefined ? null : { command: stop_when.command, for_ms: stop_when.for },
  };
}

/** Writes in a second that a system is to bear at most, by their number and by their bytes. */
export function writesAtMost(
  rate_at_most: number,
  bytes_at_most: number | undefined,
  payload_bytes: number,
): number {
  return Math.min(rate_at_most, (bytes_at_most ?? Infinity) / payload_bytes);
}
