// The run's label on what a user's compose files add: networks, volumes and services without it
// would be left behind.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { whyNot } from './compose-command.ts';
import { readModel, type ComposeModel, type Labelled } from './compose-model.ts';
import { HELPER_LABEL, RUN_LABEL } from '../engine/labels.ts';
import type { Project } from './project.ts';

/** Writes a last file that labels everything which the others make, for this run. */
export async function labelled(project: Project, directory: string, run: string): Promise<Project> {
  const model = await readModel(project, project.environment).catch((error: Error) => {
    throw new EnvironmentError(whyNot(error.message.split('\n')), { cause: error });
  });
  const own = { [RUN_LABEL]: run };
  const made = <T extends Labelled>(things: Readonly<Record<string, T | null>> = {}) =>
    Object.entries(things).filter(
      ([, thing]) => thing?.external !== true && thing?.labels?.[RUN_LABEL] !== run,
    );
  const withOwn = (things: ComposeModel['networks']) =>
    Object.fromEntries(made(things).map(([name]) => [name, { labels: own }]));
  // A service that drill does not know is no node of the system.
  const services = made(model.services).map(([name]) => {
    return [name, { labels: { ...own, [HELPER_LABEL]: 'service' } }];
  });
  const layer = {
    services: Object.fromEntries(services) as object,
    networks: withOwn(model.networks),
    volumes: withOwn(model.volumes),
  };
  const file = join(directory, 'compose.labels.yaml');
  // JSON is YAML too.
  writeFileSync(file, `${JSON.stringify(layer, null, 2)}\n`);
  return { ...project, files: [...project.files, file] };
}
