// Whether something of the run may listen behind a proxy of a container. Publishing takes every
// connection, even where nobody listens inside, and closes it then: a connection that closes before
// a byte came back leads nowhere.
import { reasonOf } from '../../../host/operation-failed.ts';
import { probe, QUESTIONS } from '../../../host/probe.ts';
import { mayListen } from '../../../host/http.ts';
import type { LinkProxy } from '../../../link/links.ts';
import type { Listening } from '../../system/system.ts';

const DISABLED = 'the proxy is disabled';
const CLOSED = 'closed before a byte came back';

/** Takes at most twice `timeout_ms`. `isEnabled` is what the proxy server says of it. */
export async function listensBehind(
  proxy: LinkProxy,
  run: string,
  timeout_ms: number,
  isEnabled: () => Promise<boolean>,
): Promise<Listening> {
  const said = await isEnabled().then(
    (is) => (is ? 'the proxy is enabled' : DISABLED),
    (error: unknown) => `the proxy server says nothing: ${reasonOf(error)}`,
  );
  // Not published: only the regions themselves reach it, and what the server says is all there is.
  if (proxy.port === 0) return { listens: said !== DISABLED, detail: said };
  const seen = await behindProxy(proxy, run, timeout_ms);
  // Both must say so: a proxy that is enabled only waits for somebody to come back behind it.
  return { listens: seen.listens || said !== DISABLED, detail: `${seen.detail}; ${said}` };
}

/** No answer counts as somebody: what is silent may only be slow. */
async function behindProxy(proxy: LinkProxy, run: string, timeout_ms: number): Promise<Listening> {
  const question = QUESTIONS[proxy.name.split('.').at(-1)!];
  if (question === undefined) {
    const seen = await mayListen(proxy, run, timeout_ms);
    const isClosed = /\(HTTP: (socket hang up|.*ECONNRESET.*|.*EPIPE.*)\)$/.test(seen.detail);
    return isClosed ? { listens: false, detail: CLOSED } : seen;
  }
  const { isSilent, heard, detail } = await probe(proxy.host, proxy.port, timeout_ms, question);
  if (heard === 'hang-up') return { listens: false, detail: CLOSED };
  return { listens: isSilent || heard === 'answer', detail };
}
