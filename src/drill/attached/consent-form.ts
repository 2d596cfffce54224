// What somebody has agreed to before a system of their own is drilled: this system, its servers,
// clients and commands, how far the drill goes and what it believes, until then. It stands in a
// file that `drill attach` writes, and in the plan of every run. Pure.
import * as z from 'zod';
import { plannedArgv } from '../fields.ts';
import { name, type Frozen } from '../planned.ts';

export const CONSENT_FILE = 'consent.yaml';
export const CONSENT_DAYS = 90;

/** In place of the identifier: `topology.system.identity` alone says which system it is then. */
export const NOT_TOLD = 'not told';

/** What a consent may allow beyond the rules: each is a rail that lets it pass then. */
export const ALLOWED = ['production', 'live-traffic', 'logical-slots'] as const;
export type Allowed = (typeof ALLOWED)[number];

const MOMENT_FORM = 'expected a moment such as 2026-11-30T12:00:00.000Z';
const moment = z
  .string({ error: MOMENT_FORM })
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, { error: MOMENT_FORM })
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: MOMENT_FORM });

/** What `consent.yaml` holds. */
export const systemConsent = z.strictObject({
  schema: z.literal('drill.consent/1'),
  drill: name,
  by: z.string(),
  at: moment,
  until: moment,
  allow: z.array(z.enum(ALLOWED)),
  /** Of PostgreSQL: no two systems have the same. `not told`: the role may not ask for it. */
  system_identifier: z.union([z.string().regex(/^[0-9]+$/), z.literal(NOT_TOLD)]),
  /** What `topology.system.identity` has to print; null: it is not asked. */
  identity: z.string().nullable(),
  /** `user@host:port/database`, by node. */
  servers: z.record(z.string(), z.string()),
  /** `host:port`, the list of servers, or what is sent where, and what answers are believed. */
  clients: z.string(),
  /** How what they wrote is counted; absent: in drill's own table, or not at all. */
  counted: z.string().exactOptional(),
  /** Where drill makes its tables. */
  tables_in: z.string(),
  /** How far it goes, and what is believed, by the key of the drill file; absent: from before. */
  limits: z.record(z.string(), z.string()).exactOptional(),
  commands: z.array(
    z.strictObject({
      of: z.string(),
      use: z.string(),
      command: plannedArgv,
      /** Of the command as JSON, so that what was changed by hand is seen. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type SystemConsent = Frozen<z.output<typeof systemConsent>>;
