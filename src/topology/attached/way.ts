// The way of the clients to a system of somebody's own, as their program is told it; and whether it
// can be begun at all, before anything is broken.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clientsPhrase } from '../../drill/attached/clients.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import type { OwnWay } from '../../drill/attached/own-way.ts';
import type { Argv } from '../../drill/fields.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { markedEnvironment } from '../../host/process/environment.ts';
import { killCommand } from '../../host/process/end-within.ts';
import { secretOf } from '../../host/process/stated-secret.ts';
import { ASKING } from '../../postgres/own/server.ts';
import type { Variables } from '../runtime.ts';
import { leadsTo } from './leads-to.ts';
import type { Acquainted } from './meet.ts';
import { throughAddress } from './servers.ts';

const KEY = 'topology.system.clients';

interface Run {
  readonly id: string;
  readonly timeout_ms: number;
  /** The table of drill's own statements, and how they ask for the timeline. */
  readonly table: string;
  readonly timeline: string;
}

/** Rejects, as a problem of the environment, where there is no secret, or nothing to start. */
export async function ownWayOf(
  { clients }: PlannedSystem,
  known: readonly Acquainted[],
  { id, timeout_ms, table, timeline }: Run,
  environment: Variables,
): Promise<OwnWay> {
  const urls = known.map(({ server: { address } }) => address.own!.url);
  const servers = Object.fromEntries(known.map(({ own, server }) => [own, server.node]));
  switch (clients.by) {
    case 'list':
      return { by: 'sql', urls, connect_ms: clients.connect_ms, table, timeline, servers };
    case 'address': {
      const through = [throughAddress(urls[0]!, clients)];
      return { by: 'sql', urls: through, connect_ms: timeout_ms, table, timeline, servers };
    }
    case 'http': {
      const { by: _, ...request } = clients;
      const headers = await headersOf(clients.headers, environment);
      const what = `the certificates to trust (${KEY}.http.ca)`;
      const ca = request.ca && (await secretOf(what, { file: request.ca }, environment));
      return { by: 'http', run: id, ...request, headers, ca };
    }
    case 'command': {
      const { command, workers } = clients;
      await requireStarts(command, environment);
      const marked = markedEnvironment(environment, id);
      return { by: 'command', run: id, command, workers, environment: marked };
    }
  }
}

/** Before anything is made: who goes that way is let in, and comes to one that takes writes. */
export async function requireLed(way: OwnWay, { clients }: PlannedSystem): Promise<string> {
  const { takesWrites, detail } = await leadsTo(way, ASKING);
  if (takesWrites) return detail;
  throw new EnvironmentError({
    what: `the way of the clients (${KEY}), ${clientsPhrase(clients)}`,
    expected: 'to lead to a server that takes writes',
    found: detail,
    hint: LED,
  });
}

const LED =
  'see whether it leads to the primary; a pooler has to know the role and its password ' +
  '(auth_query, auth_file) and the database by the same name, and PgBouncer lets in nobody who ' +
  'has options in the address of the first server, unless its ignore_startup_parameters has them';

type Headers = Extract<PlannedSystem['clients'], { by: 'http' }>['headers'];

async function headersOf(stated: Headers, environment: Variables): Promise<Record<string, string>> {
  const given = Object.entries(stated).map(async ([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    return [name, await secretOf(`the header ${name} (${KEY})`, value, environment)] as const;
  });
  return { 'content-type': 'application/json', ...Object.fromEntries(await Promise.all(given)) };
}

/** It is ended again at once, and has been handed nothing. */
async function requireStarts(command: Argv, environment: Variables): Promise<void> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.on('error', () => {});
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new EnvironmentError({
      what: `the program of the clients (${KEY})`,
      expected: `to start ${command.join(' ')}`,
      found: (error as NodeJS.ErrnoException).code ?? String(error),
      hint: 'the path is of this machine, from the folder that drill is called in',
    });
  }
  killCommand(child);
}
