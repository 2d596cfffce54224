// Lets a system of containers outlive its runner, and says how to reach it. The containers need
// nothing for it: the runner lets go.
import type { KeptNode } from '../../evidence/event.ts';
import type { ProgramClient } from '../../host/program/program-client.ts';
import { keptNodes } from '../assembled/kept-nodes.ts';
import { writeKeptSystem, type KeptSystem } from '../kept-system.ts';
import type { RunningGslb } from '../assembled/gslb.ts';
import type { UpContext } from '../system/system.ts';
import { type Engine, engineAt } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import type { Project } from './project/project.ts';
import type { ComposeRegion } from './region.ts';
import type { Witness } from './engine/witness.ts';
import type { Role } from '../../postgres/server/primary.ts';
import type { Variables } from '../runtime.ts';
import { addressAt } from './engine/address.ts';
import { containersOf } from './engine/container.ts';

const LOOK_MS = 5_000;

/** A system of containers; what they are is asked of the engine. */
export interface ComposeParts {
  /** Of the docker engine. */
  readonly docker: string;
  readonly origin_ms: number;
  /** What `docker compose` was told, secrets included. */
  readonly project: Project;
}

interface Keepable {
  readonly context: UpContext;
  readonly engine: Engine;
  readonly project: Project;
  readonly logs: ContainerLogs;
  readonly regions: ReadonlyMap<string, ComposeRegion>;
  readonly witness: Witness | null;
  readonly gslb: RunningGslb;
  readonly programs: readonly ProgramClient[];
  /** The address of the proxies' API. */
  readonly proxy: string;
}

export async function keepSystem(kept: Keepable): Promise<KeptNode[]> {
  const { context, project, regions, gslb, proxy } = kept;
  const { postgres, redis } = project.secrets;
  const { directory } = context.place;
  const nodes = [...regions.values()].flatMap((region) => region.nodes());
  const looks = await Promise.all(nodes.map((node) => node.look(LOOK_MS)));
  const living = nodes.filter((_, index) => looks[index]!.state !== 'dead');
  const hasRedis = context.plan.redis !== null;
  const { admin } = postgres;
  const reached = keptNodes({ directory, living, admin, redis: hasRedis ? redis : null, gslb });
  const all = [...reached, { node: 'proxy', url: proxy, connect: `curl ${proxy}/proxies` }];
  letGo(kept);
  const { place, origin_ms } = context;
  // Not the rest of the environment: it is the user's own.
  const images = Object.entries(project.environment).filter(([name]) => isImage(name));
  const named = { ...project, environment: Object.fromEntries(images) };
  const parts: ComposeParts = { docker: kept.engine.address.url, origin_ms, project: named };
  writeKeptSystem(place.directory, { run: place.id, runtime: 'compose', nodes: all, parts });
  return all;
}

function isImage(name: string): boolean {
  return name.startsWith('DRILL_IMAGE_');
}

function letGo({ witness, programs, regions, logs }: Keepable): void {
  witness?.stop();
  for (const program of programs) program.close();
  logs.release();
  for (const region of regions.values()) void region.close();
}

/** Null where the container does not run. */
export async function adminOf(
  { parts, run }: KeptSystem,
  node: string,
  environment: Variables,
): Promise<Role | null> {
  const { docker, project } = parts as ComposeParts;
  const containers = await containersOf(engineAt(addressAt(docker, environment)), run);
  const container = containers.find((each) => each.node === node);
  if (container === undefined || (await container.look(LOOK_MS)).state !== 'running') return null;
  return project.secrets.postgres.admin;
}
