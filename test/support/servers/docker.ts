// The docker engine of the tests: whether it is there, the images they run, what is at it.
import { execFileSync } from 'node:child_process';
import type { Context } from 'mocha';
import { findProgram } from '../find-program.ts';
import { requirePart } from '../require.ts';

/** What `compose/images/build-local.sh` makes; DRILL_IMAGE_… names others. */
const LOCAL = {
  DRILL_IMAGE_POSTGRES: 'drill-local/postgres:17',
  DRILL_IMAGE_REDIS: 'drill-local/redis:8',
  DRILL_IMAGE_TOXIPROXY: 'drill-local/toxiproxy:2.12.0',
  DRILL_IMAGE_NODE: 'drill-local/node:20',
};

/** For `composeRuntime`, and for the command. */
export function composeEnvironment(): Record<string, string> {
  return { ...LOCAL, ...(process.env as Record<string, string>) };
}

/** Ends the suite where there is no engine, or not the images. */
export function requireDocker(context: Context): void {
  requirePart(context, 'docker', findProgram('docker') !== null, 'no docker command on PATH');
  const images = Object.keys(LOCAL).map((name) => composeEnvironment()[name]!);
  let why = '';
  try {
    docker('image', 'inspect', '--format', 'here', ...images);
  } catch (error) {
    why = (error as Error & { stderr?: Buffer }).stderr?.toString().trim().split('\n').at(-1) ?? '';
  }
  requirePart(context, 'docker', why === '', `${why} (compose/images/build-local.sh)`);
}

export function docker(...args: string[]): string {
  const options = { encoding: 'utf8', timeout: 60_000, stdio: 'pipe' } as const;
  return execFileSync('docker', args, options).trim();
}

/** Containers, networks and volumes that carry the run's label, a line each. */
export function atEngine(run: string): string[] {
  const filter = ['--filter', `label=dr.drill.run=${run}`];
  return [
    docker('ps', '--all', ...filter, '--format', 'container {{.Names}}'),
    docker('network', 'ls', ...filter, '--format', 'network {{.Name}}'),
    docker('volume', 'ls', ...filter, '--format', 'volume {{.Name}}'),
  ].flatMap((lines) => lines.split('\n').filter(Boolean));
}

/** The id of the container that is the node of the run, dead or alive. */
export function containerOf(run: string, node: string): string {
  const filter = [
    '--filter',
    `label=dr.drill.run=${run}`,
    '--filter',
    `label=dr.drill.node=${node}`,
  ];
  const [id = ''] = docker('ps', '--all', '--quiet', ...filter).split('\n');
  if (id === '') throw new Error(`run ${run} has no container for ${node}`);
  return id;
}
