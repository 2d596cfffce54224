// The two proxy servers that the contract is run against.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { startLinks, type LinksOptions, type StartedLinks } from '../../../src/link/start.ts';
import { findProgram } from '../find-program.ts';
import { requirePart } from '../require.ts';

export const SERVERS = ['built-in', 'toxiproxy'] as const;
export type ServerName = (typeof SERVERS)[number];

export interface TestedLinks extends StartedLinks {
  readonly logFile: string;
}

/** Skips the suite when the server is not on this machine. `stop` removes its log too. */
export async function startTestedLinks(
  context: Context,
  server: ServerName,
  options: Partial<LinksOptions> = {},
): Promise<TestedLinks> {
  const toxiproxyServer = server === 'toxiproxy' ? findProgram('toxiproxy-server') : null;
  const isFound = server === 'built-in' || toxiproxyServer !== null;
  requirePart(context, 'toxiproxy', isFound, 'toxiproxy-server is not on PATH');
  const folder = mkdtempSync(join(tmpdir(), 'drill-link-'));
  const logFile = join(folder, 'proxy.log');
  const environment = { PATH: process.env['PATH'] };
  const started = await startLinks({ environment, logFile, toxiproxyServer, seed: 1, ...options });
  return {
    ...started,
    logFile,
    stop: async () => {
      await started.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One bare request, for what drill's own client never asks. A string body is sent as it is. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { body: text }),
    signal: AbortSignal.timeout(5_000),
  });
  const answered = await response.text();
  try {
    return { status: response.status, body: JSON.parse(answered) as unknown };
  } catch {
    return { status: response.status, body: answered };
  }
}

export interface ProxyJson {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly unknown[];
}

export function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}

export function expectError(
  { status, body }: Reply,
  expected: number,
  reason: string | RegExp,
): void {
  expect({ status, body }).to.deep.include({ status: expected });
  const error = body as { error: string; status: number };
  expect(error.status).to.equal(expected);
  if (typeof reason === 'string') expect(error.error).to.equal(reason);
  else expect(error.error).to.match(reason);
}
