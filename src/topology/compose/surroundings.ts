// The common parts of all regions of a system of containers.
import type { AdoptedLinks } from '../../link/adopt.ts';
import type { UpContext } from '../system/system.ts';
import type { Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import type { Project } from './project/project.ts';

export interface Surroundings {
  readonly context: UpContext;
  readonly engine: Engine;
  readonly project: Project;
  readonly logs: ContainerLogs;
  readonly toxiproxy: Container;
  readonly adopted: AdoptedLinks;
  /** Containers, by id, that were taken away on purpose. */
  readonly discarded: Set<string>;
  /** Let go of at the end, or where the system goes on without this runner. */
  readonly ends: (() => unknown)[];
}
