// The dashboard on an address: from when it listens until it is closed, readers or not.
import { getRequestListener } from '@hono/node-server';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withBrackets } from '../base/host-port.ts';
import type { DatabaseAddress } from '../drill/database-address.ts';
import { hostClock } from '../host/clock.ts';
import { isLoopback, type Address } from '../host/ports.ts';
import { SharedView } from '../session/history/shared-history.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { knownHosts } from './access/hosts.ts';
import { Keys } from './access/keys.ts';
import { dashboardApp } from './app.ts';
import type { AppParts } from './parts.ts';
import { Feeds } from './live/feed.ts';
import { LiveRuns } from './live/live-run.ts';
import { GameDays } from './model/game-days.ts';
import { OverviewOnDisk } from './model/overview.ts';

export interface DashboardOptions extends Omit<
  AppParts,
  'past' | 'live' | 'feeds' | 'days' | 'keys' | 'isPrivate' | 'hosts'
> {
  readonly listen: Address;
  /** More names under which it answers. */
  readonly hostNames: readonly string[];
  /** Game-day files whose times are shown. */
  readonly gamedays: readonly string[];
  /** Where other machines tell of their runs; null: nowhere. */
  readonly shared: DatabaseAddress | null;
  /** Null: nobody may control. */
  readonly token: string | null;
}

export interface Dashboard {
  readonly url: string;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 2_000;

/** Throws a `UserError` where it cannot listen there. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { listen, hostNames, token, gamedays } = options;
  const shared = new SharedView(options.shared);
  const past = new OverviewOnDisk(options, shared);
  const clock = hostClock();
  const live = new LiveRuns(options.runs, clock);
  const feeds = new Feeds(clock, options.tell);
  const app = dashboardApp({
    ...options,
    past,
    live,
    feeds,
    days: new GameDays(options, gamedays),
    keys: new Keys(token),
    isPrivate: !isLoopback(listen.host),
    hosts: knownHosts(listen.host, hostNames),
  });
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void answer(request, response));
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listening(server, listen);
  await shared.ask();
  await past.current(); // the first reader does not wait for ten thousand runs
  return {
    url: `http://${withBrackets(listen.host)}:${port}/`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      feeds.close();
      live.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = WHY[error.code ?? ''] ?? error.message;
      reject(
        new UserError(`cannot listen on ${host}:${port}: ${why}`, {
          hint: 'drill serve --listen 127.0.0.1:0 takes a free port',
          exitCode: EXIT.environment,
        }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
};
