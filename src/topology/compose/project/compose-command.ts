// The `docker compose` command: brings the containers of a run up, and says in drill's words why it
// could not.
import { EnvironmentError, type EnvironmentProblem } from '../../../host/environment-error.ts';
import { runCommand } from '../../../host/command.ts';
import { tailOf, findProgram } from '../../../host/files.ts';
import type { Project } from './project.ts';

const SHOWN_LINES = 12;
const READ_LINES = 200;

/** Resolves when every service is healthy. Rejects with an `EnvironmentError`. */
export async function composeUp(
  project: Project,
  { logFile, signal }: { readonly logFile: string; readonly signal: AbortSignal },
): Promise<void> {
  const up = ['up', '--detach', '--wait', '--no-build', '--pull', 'never'];
  const command = [...composeCommand(project), ...up, ...project.services];
  try {
    await runCommand(command, { environment: project.environment, logFile, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new EnvironmentError(whyNot(tailOf(logFile, READ_LINES)), { cause: error });
  }
}

export function composeCommand({ name, files }: Pick<Project, 'name' | 'files'>): string[] {
  return [
    ...['docker', 'compose', '--ansi', 'never', '--progress', 'plain'],
    // No `.env` of whatever folder this is.
    ...['--env-file', '/dev/null', '--project-name', name],
    ...files.flatMap((file) => ['--file', file]),
  ];
}

/** Throws an `EnvironmentError` where there is no docker command. */
export function requireDockerCommand(path: string | undefined): void {
  if (findProgram('docker', path) !== null) return;
  throw new EnvironmentError({
    what: 'the docker command',
    expected: '`docker` with its compose plugin on PATH',
    found: 'no such program',
    hint:
      'install docker and its compose plugin (docs.docker.com/engine/install), ' +
      'or drill without: --runtime embedded',
  });
}

/** What compose said, by what a user can do about it. `$1` is the part of it in brackets. */
const KNOWN: readonly (Pick<EnvironmentProblem, 'what' | 'expected' | 'hint'> & {
  readonly says: RegExp;
})[] = [
  {
    says: /is not a docker command|unknown (?:shorthand )?flag: (?!'?--?(?:wait|pull))\S+/,
    what: 'the compose plugin of docker',
    expected: '`docker compose version` to work',
    hint: 'install it: apt-get install docker-compose-plugin (Debian: docker-compose)',
  },
  {
    says: /unknown flag: --(?:wait|pull|progress)/,
    what: 'the compose plugin of docker',
    expected: 'version 2.20 or newer',
    hint: 'upgrade it: `docker compose version` says which one is used',
  },
  {
    says: /permission denied while trying to connect/i,
    what: 'the docker engine',
    expected: 'to be allowed to use its socket',
    hint: 'join its group: sudo usermod -aG docker $USER, log in again; or use rootless docker',
  },
  {
    says: /Cannot connect to the Docker daemon|error during connect/i,
    what: 'the docker engine',
    expected: 'it to answer',
    hint: 'start it (sudo systemctl start docker), and see that `docker info` works',
  },
  {
    says: /No such image: (\S+)/i,
    what: 'the image $1',
    expected: 'it to be there',
    hint: imageHint('$1'),
  },
  {
    says: /(?:listen \w+ |Bind for )?(\S+:\d+):? .*(?:already allocated|address already in use)/i,
    what: 'the port $1',
    expected: 'it to be free',
    hint: 'drill asks for free ports itself: change the port that your compose file names',
  },
  {
    says: /no space left on device/i,
    what: 'disk space of the docker engine',
    expected: 'room for the databases',
    hint: 'make room: docker system df says what takes it, docker system prune frees some',
  },
  {
    says: /could not find an available, non-overlapping|all predefined address pools have been/i,
    what: 'the networks of the docker engine',
    expected: 'room for three more',
    hint: 'remove those that nobody uses: docker network prune',
  },
];

/** `said`: the lines of compose, in which the known problems are looked for. */
export function whyNot(said: readonly string[]): EnvironmentProblem {
  const lines = said.filter((line) => line.trim() !== '');
  const log = lines.slice(-SHOWN_LINES);
  for (const { says, what, expected, hint } of KNOWN) {
    const line = lines.findLast((each) => says.test(each));
    if (line === undefined) continue;
    const named = says.exec(line)![1] ?? '';
    const filled = (text: string) => text.replaceAll('$1', () => named);
    return { what: filled(what), expected, found: line.trim(), hint: filled(hint), log };
  }
  return {
    what: 'docker compose up',
    expected: 'every service to become healthy',
    found: lines.at(-1)?.trim() ?? 'no word of it',
    hint: 'read the logs of the containers in the run directory',
    log,
  };
}

export function imageHint(image: string): string {
  return (
    `pull it (docker pull ${image}); or name another one with DRILL_IMAGE_…, or ` +
    'compose.images in drill.config.yaml; without a registry: ' +
    'compose/images/build-local.sh of this package'
  );
}
