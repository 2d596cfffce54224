// What the addresses of the dashboard have in common.
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Keys } from './access/keys.ts';
import type { Feeds } from './live/feed.ts';
import type { LiveRuns } from './live/live-run.ts';
import type { GameDays } from './model/game-days.ts';
import type { OverviewOnDisk, Place } from './model/overview.ts';
import type { Frame } from './pages/frame.ts';

export interface AppParts extends Place {
  readonly past: OverviewOnDisk;
  readonly live: LiveRuns;
  readonly feeds: Feeds;
  readonly days: GameDays;
  readonly keys: Keys;
  /** Whether even to read takes the token. */
  readonly isPrivate: boolean;
  /** The names under which it answers. */
  readonly hosts: ReadonlySet<string>;
  /** What went wrong inside, for whoever runs it. */
  readonly tell: (text: string) => void;
}

export type Env = { Bindings: HttpBindings };
export type App = Hono<Env>;

export type Show = (
  c: Context,
  frame: Frame,
  status?: 200 | 401 | 404 | 409,
) => Response | Promise<Response>;
