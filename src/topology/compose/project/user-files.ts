// The compose files that a user adds to drill's own: checked before anything is started, and
// labelled as the run's, since what carries no label would be left behind.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { findProgram } from '../../../host/files.ts';
import { driverFailure, unlessFailed } from '../../../host/operation-failed.ts';
import { UserError } from '../../../screen/user-error.ts';
import type { Variables } from '../../runtime.ts';
import { HELPER_LABEL, RUN_LABEL } from '../engine/labels.ts';
import { composeCommand, whyNot } from './compose-command.ts';
import { COMPOSE_FOLDER } from './package-place.ts';
import type { Project } from './project.ts';

const READ_AT_MOST_MS = 30_000;
const ANSWER_AT_MOST_BYTES = 16 * 1024 * 1024;

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
  /** Made by somebody else, who also removes it. */
  readonly external?: boolean;
}

interface ComposeService extends Labelled {
  readonly ports?: readonly {
    readonly host_ip?: string;
    readonly published?: string;
    readonly target: number;
  }[];
}

type Things<T extends Labelled = Labelled> = Readonly<Record<string, T | null>>;

/** What `docker compose` makes of several files together. */
interface ComposeModel {
  readonly services?: Things<ComposeService>;
  readonly networks?: Things;
  readonly volumes?: Things;
}

/** `files` are absolute. Rejects with a `UserError` that names the first that cannot be used. */
export async function checkComposeFiles(
  files: readonly string[],
  environment: Variables,
): Promise<void> {
  // Without the command the run itself says what is missing.
  if (files.length === 0 || findProgram('docker', environment['PATH']) === null) return;
  const read = (some: readonly string[]) =>
    readModel({ name: 'drill-check', files: some }, environment);
  const used = [join(COMPOSE_FOLDER, 'compose.yaml')];
  for (const file of files) {
    if (!existsSync(file)) {
      throw new UserError(`${file}: there is no such compose file`, {
        hint: 'compose.files in drill.config.yaml names it, from its own folder',
      });
    }
    used.push(file);
    const model = await read(used).catch(async (error: Error): Promise<ComposeModel> => {
      // Where compose itself is missing or broken, the run says more of it.
      if ((await unlessFailed(read(used.slice(0, -1)))) === null) return {};
      const said = error.message.split('\n').at(-1);
      throw new UserError(`${file}: docker compose cannot use it: ${said}`, {
        hint: `docker compose ${used.map((each) => `-f ${each}`).join(' ')} config`,
      });
    });
    refuseOpenPorts(file, model);
  }
}

/** What drill brings up is not for other machines: the proxy's API asks for no password. */
function refuseOpenPorts(file: string, { services = {} }: ComposeModel): void {
  for (const [name, service] of Object.entries(services)) {
    const isOpen = ({ host_ip = '0.0.0.0' }) => !/^(127\.|::1$)/.test(host_ip);
    const open = service?.ports?.find(isOpen);
    if (open === undefined) continue;
    const { host_ip = '0.0.0.0', published = '', target } = open;
    throw new UserError(
      `${file}: port ${target} of ${name}: expected it on 127.0.0.1 only, found ${host_ip}`,
      { hint: `ports: ["127.0.0.1:${published}:${target}"]` },
    );
  }
}

/** Writes a last file that labels everything which the others make, for this run. */
export async function labelled(project: Project, directory: string, run: string): Promise<Project> {
  const model = await readModel(project, project.environment).catch((error: Error) => {
    throw new EnvironmentError(whyNot(error.message.split('\n')), { cause: error });
  });
  const isOurs = (thing: Labelled | null) =>
    thing?.external !== true && thing?.labels?.[RUN_LABEL] !== run;
  const labelling = (things: Things = {}, labels: Labelled['labels'] = { [RUN_LABEL]: run }) => {
    const ours = Object.entries(things).filter(([, thing]) => isOurs(thing));
    return Object.fromEntries(ours.map(([name]) => [name, { labels }]));
  };
  const layer = {
    // A service that drill does not know is no node of the system.
    services: labelling(model.services, { [RUN_LABEL]: run, [HELPER_LABEL]: 'service' }),
    networks: labelling(model.networks),
    volumes: labelling(model.volumes),
  };
  const file = join(directory, 'compose.labels.yaml');
  // JSON is YAML too.
  writeFileSync(file, `${JSON.stringify(layer, null, 2)}\n`, { mode: 0o600 });
  return { ...project, files: [...project.files, file] };
}

/** Rejects with what compose has to say against the files; its last line is the best. */
async function readModel(
  project: { readonly name: string; readonly files: readonly string[] },
  environment: Variables,
): Promise<ComposeModel> {
  const [command = '', ...args] = composeCommand(project);
  // Of every profile: which services are started is said later.
  const env = { ...environment, COMPOSE_PROFILES: '*' };
  const options = { env, timeout: READ_AT_MOST_MS, maxBuffer: ANSWER_AT_MOST_BYTES };
  const asked = promisify(execFile)(command, [...args, 'config', '--format', 'json'], options);
  const { stdout } = await asked.catch((error: Error & { stderr?: string }) => {
    error.message = error.stderr?.trim() || error.message;
    throw driverFailure(error, command);
  });
  try {
    return JSON.parse(stdout) as ComposeModel;
  } catch (error) {
    throw driverFailure(error, command);
  }
}
