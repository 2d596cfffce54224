// Which server the system itself calls its primary. Its word alone proves nothing: the server has
// to take writes too, as the watch sees it.
import { filledIn } from '../../drill/attached/own-way.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Variables } from '../runtime.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { OwnServer } from '../../postgres/own/server.ts';

const ASK_MS = 5_000;

interface Asked {
  readonly how: PlannedSystem['primary'];
  readonly servers: readonly OwnServer[];
  readonly picture: readonly ServerLook[];
  readonly environment: Variables;
  readonly signal?: AbortSignal | undefined;
}

/** The one server that it calls so; rejects where it names none, or several. */
export async function namedPrimary(asked: Asked): Promise<OwnServer> {
  const { servers } = asked;
  const names = await namesOf(asked);
  const named = servers.filter(({ node }) => names.includes(node));
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  throw new OperationFailed({
    what: 'the system, asked for its primary',
    expected: 'one server',
    found: named.length === 0 ? 'none' : named.map(({ node }) => node).join(' and '),
  });
}

async function namesOf({ how, servers, picture, environment, signal }: Asked): Promise<string[]> {
  switch (how.by) {
    case 'sql':
      return picture.flatMap(({ node, state }) => (state === 'primary' ? [node] : []));
    case 'http': {
      const limit = AbortSignal.timeout(ASK_MS);
      const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
      const answers = await Promise.all(
        servers.map(async (server) => {
          // Who is gone, or says anything else, is none.
          const { node: name, region, address } = server;
          const url = filledIn(how.http, { host: address.host, region, name });
          const answer = await fetch(url, { signal: stop }).catch(() => null);
          await answer?.body?.cancel();
          return answer?.status === 200 ? [server.node] : [];
        }),
      );
      signal?.throwIfAborted();
      return answers.flat();
    }
    case 'command': {
      const options = { environment, atMost_ms: ASK_MS, signal };
      const [line = ''] = (await commandOutput(how.command, options)).trim().split('\n');
      return servers.filter((server) => isNamed(server, line.trim())).map(({ node }) => node);
    }
  }
}

/** By its name, its last part, or its address. */
function isNamed({ node, address }: OwnServer, said: string): boolean {
  const { host, port } = address;
  return [node, node.split('/')[1], host, `${host}:${port}`].includes(said);
}
