// The part of the drill file's schema that describes the two-region system.
import * as z from 'zod';
import { duration, formError, instanceCount, rate, size, whole, wholeSeconds } from '../fields.ts';
import { guard, ownRegions, ownSystem } from '../attached/system.ts';
import { STRATEGIES, OWN_SYSTEM } from '../names.ts';

/** The default of `topology.regions`, and the base that `--set topology.regions.…` changes. */
export const DEFAULT_REGIONS = {
  east: { role: 'active', app: { instances: 2, capacity: '200/s' } },
  west: { role: 'standby', app: { capacity: '200/s' } },
} as const;

const NAME_FORM = 'lower-case letters, digits and dashes, beginning with a letter or digit';
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

export function named(what: string) {
  const error = formError(`${what} of ${NAME_FORM}, 40 at most`);
  return z.string({ error }).regex(NAME, { error });
}

const app = z
  .strictObject({
    instances: instanceCount.describe(
      'Processes of the orders service. Default: 2 in an active region, 1 in a standby, none ' +
        'where the strategy starts it in the recovery.',
    ),
    capacity: rate('1/s', '100000/s')
      .prefault('200/s')
      .describe('Requests that one instance serves at most.'),
  })
  .describe('The orders service in this region.');

const region = z.strictObject({
  role: z.enum(['active', 'standby']).describe('Whether clients are served here in the beginning.'),
  app: app.prefault({}),
  weight: whole(1, 100)
    .optional()
    .describe('Its share of the clients beside other active regions. Default: 1.'),
});

type Region = z.output<typeof region>;
const USUAL_REGIONS = z.record(z.string(), region).parse(DEFAULT_REGIONS);

const backup = z
  .strictObject({
    every: duration('1s', '24h')
      .prefault('10s')
      .describe('Time between base backups; the first one is taken before the steady state.'),
    keep: whole(1, 100).default(3).describe('Base backups that are kept.'),
    wal: z
      .enum(['archive', 'receive', 'receive-sync'])
      .default('archive')
      .describe(
        'archive: whole segments of the log, by archive_command. receive: streamed as it is ' +
          'written. receive-sync: a commit waits until the receiver has it on disk.',
      ),
    archive_timeout: wholeSeconds('1s', '1h', 'PostgreSQL')
      .optional()
      .describe(
        'With wal: archive, a segment is handed over at the latest after this time. Default: 1s.',
      ),
  })
  .describe('Base backups and the log that follows them, in storage of the second region.');

const link = z.strictObject({
  latency: duration('0ms', '10s').prefault('0ms').describe('Delay, each way.'),
  jitter: duration('0ms', '10s').prefault('0ms').describe('The delay varies by this much.'),
});

const gslb = z
  .strictObject({
    every: duration('10ms', '1m').prefault('250ms').describe('Time between health checks.'),
    timeout: duration('10ms', '1m').prefault('250ms').describe('Time limit of one check.'),
    failures: whole(1, 100).default(3).describe('Failed checks in a row that mean down.'),
    ttl: wholeSeconds('1s', '1h', 'DNS')
      .prefault('1s')
      .describe('How long clients keep an answer; whole seconds.'),
  })
  .describe('The global load balancer: health checks and DNS answers.');

const redis = z
  .strictObject({
    appendonly: z
      .enum(['no', 'everysec', 'always'])
      .default('everysec')
      .describe('When Redis writes its append-only file to the disk.'),
    wait: whole(0, 1)
      .default(0)
      .describe('Replicas that a cart write waits for (WAIT); after a failover there is none.'),
    wait_timeout: duration('1ms', '1m')
      .prefault('500ms')
      .describe('How long WAIT waits; fewer replicas by then: the outcome is unknown.'),
  })
  .describe('Redis: a primary in the active region, a replica in the other.');

export const topologyFields = z
  .strictObject({
    strategy: z
      .enum(STRATEGIES)
      .default(OWN_SYSTEM)
      .describe(
        'What stands in the recovery region: backups; a small replica; a full copy, scaled down; ' +
          'a region that serves too. Default: attached, where `system` names one of your own.',
      ),
    system: ownSystem.optional(),
    guard: guard.optional(),
    regions: z
      .record(named('a region name'), region)
      .optional()
      .describe(
        'The two regions, by name. Default: east (active) and west (standby). Those of ' +
          '`system` follow from the names of its servers.',
      ),
    replication: z
      .strictObject({
        mode: z
          .enum(['async', 'sync'])
          .default('async')
          .describe('sync: a commit waits until the standby has it on disk.'),
      })
      .prefault({})
      .describe('How the database is replicated.'),
    backup: backup.optional(),
    redis: redis.optional().describe('A second store, for carts. Absent: the system has none.'),
    data: size('20MB', '1000GB')
      .optional()
      .describe(
        'Size that each PostgreSQL database has before the drill: rows of its own, in a table ' +
          'that no client writes. They are copied, replicated, backed up, restored and checked ' +
          'as all else. Default: none (some 8 MB).',
      ),
    links: z
      .record(z.string(), link)
      .default({})
      .describe(
        'Delays by link: `clients-<region>`, or `<first>-<second>` (20ms ± 2ms if absent).',
      ),
    gslb: gslb.prefault({}),
  })
  .describe('The two-region system that is brought up.');

/** A region of a system of somebody's own: what runs there is its own business. */
const OWN_REGION = { app: { instances: 0, capacity: 1 } };

/** With the regions that the file leaves out. */
export const topology = topologyFields.transform(({ regions, ...stated }, context) => {
  const { system } = stated;
  if (system === undefined) return { ...stated, regions: regions ?? USUAL_REGIONS };
  // The usual ones are laid under every file.
  if (regions !== undefined && JSON.stringify(regions) !== JSON.stringify(USUAL_REGIONS)) {
    const message = 'the regions of a system of your own follow from the names of its servers';
    context.addIssue({ code: 'custom', path: ['regions'], message, input: regions });
    return z.NEVER;
  }
  const own = ownRegions(system).map((name, at): [string, Region] => {
    return [name, { role: at === 0 ? 'active' : 'standby', ...OWN_REGION }];
  });
  return { ...stated, regions: Object.fromEntries(own) };
});
