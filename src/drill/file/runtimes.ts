// The runtimes that a drill file can name, and what the configuration file can say to each of them.
// What they do is in `topology/`, whose registry is type-checked against these names.
import * as z from 'zod';
import type { Ability } from '../ability.ts';

export interface RuntimeFacts {
  /** What a fault and a recovery can ask of its systems, where the strategy has it. */
  readonly gives: readonly Ability[];
  /** Why it has not got what others have, as the end of a sentence. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** Who says when a node dies or stands still, without having done it; null: nobody does. */
  readonly witness: string | null;
  /**
   * What takes connections to nodes that are gone, so that clients are told nothing of them; null:
   * they are refused.
   */
  readonly takesIn: string | null;
  /** The ends of a connection through a link that programs on this machine hold. */
  readonly endsHere: number;
  /** Whether what it runs comes from images. */
  readonly hasImages: boolean;
  /** Whether it makes the system, and does not come to one that somebody else runs. */
  readonly makesSystem: boolean;
}

/** Listed one by one: a new ability is refused until a runtime says that it has it. */
const REAL_SYSTEM: readonly Ability[] = [
  ...(['kill', 'freeze', 'isolate', 'disturb-links', 'destroy-disks', 'open-dead-disk'] as const),
  ...([
    'disturb-stores',
    'harm',
    'scale-app',
    'replication',
    'promotion',
    'bidirectional',
  ] as const),
  ...(['backups', 'archive', 'rebuild', 'start-node', 'slow-node', 'disturb-app'] as const),
  'disturb-gslb',
];

export const RUNTIMES = {
  embedded: {
    gives: [...REAL_SYSTEM, 'own-data'],
    lacks: {
      'limit-memory': 'its nodes are processes, which share the memory of this machine',
      'bound-disk': 'its nodes write to the disks of this machine, which a full one would harm',
    },
    witness: null,
    takesIn: null,
    endsHere: 2,
    hasImages: false,
    makesSystem: true,
  },
  compose: {
    gives: [...REAL_SYSTEM, 'limit-memory', 'bound-disk'],
    lacks: {
      'own-data': 'each of its runs begins with empty volumes, so each would fill them again',
    },
    witness: 'The docker engine',
    takesIn: 'Toxiproxy',
    endsHere: 1,
    hasImages: true,
    makesSystem: true,
  },
  attached: {
    gives: ['commands', 'own-failover'],
    lacks: {},
    witness: null,
    takesIn: null,
    endsHere: 1,
    hasImages: false,
    makesSystem: false,
  },
} as const satisfies Readonly<Record<string, RuntimeFacts>>;

/** What each runtime is known for, by its name. */
export type Runtimes = Readonly<Record<RuntimeName, RuntimeFacts>>;
export type RuntimeName = keyof typeof RUNTIMES;
export const RUNTIME_NAMES = Object.keys(RUNTIMES) as RuntimeName[];

/** Lets drill choose. */
export const AUTO = 'auto';
/** `runtime:` of a drill file. */
export const runtime = z.enum([AUTO, ...RUNTIME_NAMES]);

/** The runtime that a drill has; where none is named, the first, which every machine can have. */
export function runtimeNamed(stated: unknown): RuntimeName {
  return RUNTIME_NAMES.find((name) => name === stated) ?? RUNTIME_NAMES[0]!;
}

/** What is known of a runtime that evidence names; null for one that this version does not have. */
export function runtimeFacts(kind: string | undefined): RuntimeFacts | null {
  const name = RUNTIME_NAMES.find((each) => each === kind);
  return name === undefined ? null : RUNTIMES[name];
}

const image = z.string().min(1).optional();

/** The blocks of `drill.config.yaml` that are for one runtime each. */
export const runtimeSettings = z.strictObject({
  compose: z
    .strictObject({
      images: z
        .strictObject({ postgres: image, redis: image, toxiproxy: image, node: image })
        .prefault({})
        .describe('Other images than the published ones.'),
      files: z
        .array(z.string().min(1))
        .max(16)
        .default([])
        .describe('Compose files that are laid over drill’s own, from the folder of this file.'),
    })
    .prefault({})
    .describe('For the runtime compose.'),
});
export type RuntimeSettings = z.output<typeof runtimeSettings>;
