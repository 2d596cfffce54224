// The servers of a system of somebody's own, as they can be connected to: their addresses with the
// password in them, which stands in memory alone.
import { readFileSync } from 'node:fs';
import { hostAndPort } from '../../base/host-port.ts';
import { regionOf } from '../../base/node-name.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { orProblem } from '../../host/operation-failed.ts';
import { ownAddress } from '../../postgres/own/address.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { Variables } from '../runtime.ts';
import type { OwnSystem } from '../system/own.ts';

const PASSWORD_MS = 10_000;

type Stated = Pick<PlannedSystem, 'databases' | 'password'>;

/** Rejects, as a problem of the environment, where there is no password to be had. */
export async function ownServers(
  { databases, password }: Stated,
  environment: Variables,
): Promise<OwnServer[]> {
  const secret = password === null ? null : await passwordOf(password, environment);
  return databases.map(({ node, url }) => {
    const address = ownAddress(url, secret);
    if (address === null) throw new Error('expected the address of a database');
    return { node, region: regionOf(node), address };
  });
}

/** Where a server of that name, or `host:port`, can be connected to. */
export function placesOf(servers: readonly OwnServer[]): OwnSystem['placeOf'] {
  return (where) => {
    const server = servers.find(({ node }) => node === where);
    if (server !== undefined) return { ...server.address, isDatabase: true };
    return { ...hostAndPort(where), isDatabase: false };
  };
}

/** The same address for clients that are led to a server by something else. */
export function throughAddress(
  url: string,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const through = new URL(url);
  through.searchParams.delete('host');
  through.host = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return through.href;
}

async function passwordOf(
  stated: NonNullable<Stated['password']>,
  environment: Variables,
): Promise<string> {
  if ('env' in stated) {
    const found = environment[stated.env];
    if (found !== undefined && found !== '') return found;
    throw new EnvironmentError({
      what: 'the password of the databases (topology.system.password)',
      expected: `the variable ${stated.env}`,
      found: found === undefined ? 'that it is not set' : 'that it is empty',
      hint: `export ${stated.env}=… before drill is called`,
    });
  }
  if ('file' in stated) return fileSecret(stated.file);
  const { command } = stated;
  const output = commandOutput(command, { environment, atMost_ms: PASSWORD_MS });
  const printed = await orProblem(output, () => ({
    what: 'the password of the databases (topology.system.password)',
    expected: 'the command to print it',
    hint: `try it: ${command.join(' ')}`,
  }));
  const [line = ''] = printed.split('\n', 1);
  if (line !== '') return line;
  throw new EnvironmentError({
    what: 'the password of the databases (topology.system.password)',
    expected: `a first line from ${command.join(' ')}`,
    found: 'none',
    hint: 'the command prints the password and nothing before it',
  });
}

function fileSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new EnvironmentError({
      what: 'the password of the databases (topology.system.password)',
      expected: `a file that can be read: ${file}`,
      found: (error as NodeJS.ErrnoException).code ?? String(error),
      hint: 'the path is of this machine, from the folder that drill is called in',
    });
  }
}
