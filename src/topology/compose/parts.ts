// What a system of containers consists of, while it comes up and until it is let go of.
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import type { ProgramClient } from '../../host/program/program-client.ts';
import { adminAddress } from '../assembled/database.ts';
import type { Bidirectional } from '../system/protection.ts';
import type { UpContext } from '../system/system.ts';
import type { Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import { imagesOf } from './engine/probe.ts';
import type { Project } from './project/project.ts';
import type { ComposeRegion } from './region.ts';
import type { StorageContainer } from './storage.ts';
import { redisVersionOf, versionOf } from './published.ts';
import { watchEngine, type Witness } from './engine/witness.ts';

export function nothingYet() {
  const programs: ProgramClient[] = [];
  const discarded = new Set<string>();
  return {
    isSettled: false,
    witness: null,
    programs,
    discarded,
    storage: null,
    bidirectional: null,
  };
}

/** What exists of a system while it comes up, and is let go of at its end. */
export interface Parts {
  readonly context: UpContext;
  readonly engine: Engine;
  readonly project: Project;
  readonly logs: ContainerLogs;
  readonly regions: Map<string, ComposeRegion>;
  /** `docker compose` came to its end: nothing more appears that nobody waits for. */
  isSettled: boolean;
  witness: Witness | null;
  /** Those that this runner talks to. */
  readonly programs: ProgramClient[];
  /** Containers, by id, that were taken away on purpose. */
  readonly discarded: Set<string>;
  /** Null: the plan keeps no backups. */
  storage: StorageContainer | null;
  /** Null until both directions stream, and where one region follows the other. */
  bidirectional: Bidirectional | null;
}

export function everyContainer({ regions, storage }: Parts): Container[] {
  const own = [...regions.values()].flatMap((region) => [...region.containers]);
  return storage === null ? own : [...own, storage.container];
}

/** By part. */
export function wantedImages({ environment }: Project, hasRedis: boolean): [string, string][] {
  return [...imagesOf(environment)].filter(([part]) => hasRedis || part !== 'redis');
}

/** The runner's own way to the region's database. */
export function databaseAddress({ project, regions }: Parts, region: string): DatabaseAddress {
  const { host, port } = regions.get(region)!.nodes()[0]!;
  return adminAddress({ host, port }, project.secrets.postgres.admin);
}

export function primaryAddress(parts: Parts): DatabaseAddress {
  return databaseAddress(parts, parts.context.plan.replication.from);
}

export interface Versions {
  readonly postgres: string;
  /** Null where the plan has none. */
  readonly redis: string | null;
}

/** Of the servers, as those of the first region say. */
export async function versionsOf(parts: Parts): Promise<Versions> {
  const { context, project, regions } = parts;
  const nodes = regions.get(context.plan.replication.from)!.nodes();
  const redis = nodes.find(({ kind }) => kind === 'redis');
  return {
    postgres: await versionOf(primaryAddress(parts)),
    redis: redis === undefined ? null : await redisVersionOf(redis.port, project.secrets.redis),
  };
}

/** Follows what the engine says of the containers of `run`; a death is told to its container. */
export async function witnessed(parts: Parts, run: string): Promise<void> {
  const { engine, context } = parts;
  const { clock, emit, fail } = context;
  parts.witness = await watchEngine({
    ...{ engine, run, clock, emit, onLost: fail },
    onDeath: (id) => {
      const container = everyContainer(parts).find((each) => each.id === id);
      container?.tellDeath();
      return container?.isEndExpected ?? parts.discarded.has(id);
    },
  });
}
