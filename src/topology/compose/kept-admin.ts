// Who may change the settings of a database in a container of a system that is up.
import type { Role } from '../../postgres/server/primary.ts';
import type { KeptSystem } from '../kept-system.ts';
import type { Variables } from '../runtime.ts';
import { addressAt } from './address.ts';
import { containersOf } from './container.ts';
import { engineAt } from './engine.ts';
import type { ComposeParts } from './keep.ts';

const LOOK_MS = 5_000;

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
