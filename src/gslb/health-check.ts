// One health check of one endpoint: `GET /readyz` on a TCP connection of its own. A kept connection
// could outlive a link that takes no new ones; a fresh one shows what a new client would meet.
import { request, type IncomingMessage } from 'node:http';
import { RUN_HEADER } from '../host/http.ts';
import type { GslbEndpoint } from './protocol.ts';

/**
 * Null when the endpoint is ready, else what came instead of a 200 of the run `run`. Never rejects;
 * ends within `timeout_ms`.
 */
export function checkHealth(
  endpoint: GslbEndpoint,
  run: string,
  timeout_ms: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (reason: string | null) => {
      clearTimeout(timer);
      asked.destroy();
      resolve(reason);
    };
    const { host, port } = endpoint.check ?? endpoint;
    const asked = request({ host, port, path: '/readyz', agent: false }, (response) => {
      response.resume();
      settle(whyNot(response, run));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    // After this process was stopped, its timers run before it reads what has arrived meanwhile:
    // look at that first.
    const timer = setTimeout(() => {
      setImmediate(settle, `no answer within ${timeout_ms} ms`);
    }, timeout_ms);
    asked.end();
  });
}

/** A port that the run's own instance no longer has may be another run's by now. */
function whyNot({ statusCode, headers }: IncomingMessage, run: string): string | null {
  const whose = headers[RUN_HEADER];
  if (whose === undefined) return `answered ${statusCode} without a run`;
  if (whose !== run) return `the run ${String(whose)} answered`;
  return statusCode === 200 ? null : `answered ${statusCode}`;
}
