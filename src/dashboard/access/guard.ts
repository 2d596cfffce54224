// What every request passes: the name it came by, where it came from, and what a browser may do
// with the answer. Pages load nothing from elsewhere, and run no script but the dashboard's own.
import type { MiddlewareHandler } from 'hono';
import { nameOfHost } from './hosts.ts';

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function guard(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    const refusal = refusalOf((name) => c.req.header(name), c.req.method, hosts);
    if (refusal === null) await next();
    else c.res = c.text(`${refusal}\n`, 403);
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  };
}

/** Why a request is not answered; null: it is. */
function refusalOf(
  header: (name: string) => string | undefined,
  method: string,
  hosts: ReadonlySet<string>,
): string | null {
  const host = header('host') ?? '';
  const name = nameOfHost(host);
  if (name === null || !hosts.has(name)) {
    return 'The dashboard is not known by this name. Whoever runs it can name it: --host-name';
  }
  const origin = header('origin');
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) return FOREIGN;
  const site = header('sec-fetch-site') ?? 'none';
  // A link from elsewhere may lead here: it shows a page to its reader, and to nobody else.
  const isVisit = header('sec-fetch-mode') === 'navigate' && method === 'GET';
  return ['same-origin', 'none'].includes(site) || isVisit ? null : FOREIGN;
}

const FOREIGN = 'Requests of other pages are not answered.';

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
