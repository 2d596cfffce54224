// Lets a system of containers outlive its runner, and says how to reach it. The containers need
// nothing for it: the runner lets go.
import type { KeptNode } from '../../evidence/event.ts';
import { keptNodes } from '../assembled/kept-nodes.ts';
import { writeKeptSystem, type KeptSystem } from '../kept-system.ts';
import { openEngine } from './engine/engine.ts';
import type { Role } from '../../postgres/server/primary.ts';
import type { Steering, Variables } from '../runtime.ts';
import { containersOf } from './engine/container.ts';
import type { RunningGslb } from '../assembled/gslb.ts';
import type { Assembly } from './system.ts';
import { appControl, gslbPlaces } from './programs.ts';
import type { Project } from './project/project.ts';

const LOOK_MS = 5_000;

/** A system of containers; what they are is asked of the engine. */
export interface ComposeParts {
  /** Of the docker engine. */
  readonly docker: string;
  readonly origin_ms: number;
  /** What `docker compose` was told, secrets included. */
  readonly project: Project;
}

export async function keepSystem(
  { around, regions }: Assembly,
  gslb: RunningGslb,
): Promise<KeptNode[]> {
  const { context, engine, project, logs, adopted, ends } = around;
  const { admin } = project.secrets.postgres;
  const { plan, place, origin_ms } = context;
  const { directory } = place;
  const nodes = [...regions.values()].flatMap((region) => region.nodes());
  const looks = await Promise.all(nodes.map((node) => node.look(LOOK_MS)));
  const living = nodes.filter((_, index) => looks[index]!.state !== 'dead');
  const redis = plan.redis && project.secrets.redis;
  const reached = keptNodes({ directory, living, admin, redis, gslb });
  const { url } = adopted.links;
  const all = [...reached, { node: 'proxy', url, connect: `curl ${url}/proxies` }];
  logs.release();
  for (const end of ends) void end();
  // Not the rest of the environment: it is the user's own.
  const environment = Object.fromEntries(
    Object.entries(project.environment).filter(([name]) => name.startsWith('DRILL_IMAGE_')),
  );
  const parts: ComposeParts = {
    docker: engine.address.url,
    origin_ms,
    project: { ...project, environment },
  };
  writeKeptSystem(directory, { run: place.id, runtime: 'compose', nodes: all, parts });
  return all;
}

/** Null where the container does not run. */
export async function adminOf(
  { parts, run }: KeptSystem,
  node: string,
  environment: Variables,
): Promise<Role | null> {
  const { project } = parts as ComposeParts;
  const containers = await containersOf(openEngine(environment), run);
  const container = containers.find((each) => each.node === node);
  if (container === undefined || (await container.look()).state !== 'running') return null;
  return project.secrets.postgres.admin;
}

export async function steering(
  { parts, run }: KeptSystem,
  environment: Variables,
): Promise<Steering> {
  const { secrets } = (parts as ComposeParts).project;
  const containers = await containersOf(openEngine(environment), run);
  const gslb = containers.find(({ service }) => service === 'gslb');
  const isThere = gslb !== undefined && (await gslb.look()).state !== 'dead';
  return {
    app: {
      at: async (node) => await appControl(containers, node),
      secret: secrets.postgres.workload.password,
    },
    gslb: isThere ? { ...gslbPlaces(gslb).control, token: secrets.control } : null,
  };
}
