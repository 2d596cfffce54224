// The dashboard as an application that answers requests: it reads the folder of runs, and changes
// nothing there but by an order of somebody who has the token.
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RUN_ID, stateOf } from '../archive/run-list.ts';
import { hostClock } from '../host/clock.ts';
import { commandName } from '../screen/command-name.ts';
import { guard } from './access/guard.ts';
import type { Keys } from './access/keys.ts';
import { makeAssets } from './assets.ts';
import type { Feeds, Source } from './live/feed.ts';
import type { LiveRuns } from './live/live-run.ts';
import { firstSource, runSource } from './sources.ts';
import type { OverviewOnDisk, Place } from './model/overview.ts';
import { runPlace } from './model/run-place.ts';
import { firstPage, nowSection } from './pages/first.ts';
import { framed, notePage, type Frame, type Reader } from './pages/frame.ts';
import { KeptPages } from './pages/kept-pages.ts';
import { keyPage } from './pages/key.ts';
import { livePage } from './pages/live.ts';
import { runPage } from './pages/run.ts';
import { runsPage } from './pages/runs.ts';

export interface AppParts extends Place {
  readonly past: OverviewOnDisk;
  readonly live: LiveRuns;
  readonly feeds: Feeds;
  readonly keys: Keys;
  /** Whether even to read takes the token. */
  readonly isPrivate: boolean;
  /** The names under which it answers. */
  readonly hosts: ReadonlySet<string>;
  /** What went wrong inside, for whoever runs it. */
  readonly tell: (text: string) => void;
}

type Env = { Bindings: HttpBindings };
type App = Hono<Env>;

const FORM_BYTES = 4_096;
const AGAIN_S = 5;
const FOR_A_DAY = 'public, max-age=86400';

export function dashboardApp(parts: AppParts): App {
  const app: App = new Hono<Env>();
  const { keys, isPrivate, hosts, tell } = parts;
  const readerOf = (c: Context): Reader => ({ canSignIn: keys.isOpen, isSignedIn: keys.holds(c) });
  const show = (c: Context, frame: Frame, status: 200 | 401 | 404 | 500 = 200) => {
    return c.html(framed(frame, readerOf(c)), status);
  };
  app.use(guard(hosts));
  app.use(bodyLimit({ maxSize: FORM_BYTES, onError: (c) => c.text('Too long.\n', 413) }));
  addAssets(app);
  addKeyPages(app, keys, show);
  if (isPrivate) {
    app.use(async (c, next) => {
      if (keys.holds(c)) await next();
      else return show(c, keyPage(false, false), 401);
    });
  }
  addPages(app, parts, show);
  addFeeds(app, parts);
  app.notFound((c) => show(c, notePage('Not found', ['There is nothing at this address.']), 404));
  app.onError((error, c) => {
    tell(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
    return show(c, notePage('That went wrong', ['The log of drill serve says why.']), 500);
  });
  return app;
}

type Show = (c: Context, frame: Frame, status?: 200 | 401 | 404) => Response | Promise<Response>;

function addAssets(app: App): void {
  const assets = makeAssets();
  app.get('/assets/:name', (c) => {
    const asset = assets.get(c.req.param('name'));
    if (asset === undefined) return c.notFound();
    return c.body(asset.text, 200, { 'content-type': asset.type, 'cache-control': FOR_A_DAY });
  });
}

function addKeyPages(app: App, keys: Keys, show: Show): void {
  if (!keys.isOpen) return;
  app.get('/key', (c) => show(c, keyPage(keys.holds(c), false)));
  app.post('/key', async (c) => {
    const { token } = await c.req.parseBody();
    if (keys.signIn(c, typeof token === 'string' ? token.trim() : '')) return c.redirect('/', 303);
    return show(c, keyPage(false, true), 401);
  });
  app.post('/key/away', (c) => {
    keys.signOut(c);
    return c.redirect('/', 303);
  });
}

function addPages(app: App, parts: AppParts, show: Show): void {
  const { runs, environment, past, live } = parts;
  const reports = new KeptPages((id, place) => runPage(id, place, commandName(environment)));
  const liveOf = (id: string) => live.get(id);
  app.get('/', async (c) => {
    const overview = await past.current();
    const open = past.open(overview);
    const now_ms = hostClock().wall();
    const body = firstPage({ overview, open, now: nowSection(open, liveOf), now_ms });
    return show(c, { title: 'drill', body, room: '/', again_s: AGAIN_S, feed: '/events' });
  });
  app.get('/runs', async (c) => {
    const overview = await past.current();
    const before = c.req.query('before') ?? null;
    if (before !== null && !RUN_ID.test(before)) return c.notFound();
    const body = runsPage(overview, past.open(overview), before);
    return show(c, { title: 'Runs', body, room: '/runs' });
  });
  app.get('/runs/:id', (c) => {
    const id = c.req.param('id');
    const place = runPlace(runs, id);
    if (place === null) return c.notFound();
    if (stateOf(place) !== 'running') return show(c, reports.of(id, place));
    const run = live.get(id);
    const again = { again_s: AGAIN_S, feed: `/runs/${id}/events` };
    if (run === null) return show(c, { ...notePage(id, ['It begins.']), ...again });
    return show(c, { title: `${id} is running`, body: livePage(run, ''), ...again });
  });
}

/** What pages are told while they are looked at. */
function addFeeds(app: App, { runs, past, live, feeds }: AppParts): void {
  const watch = (c: Context<Env>, key: string, sourceOf: () => Source) => {
    if (c.req.method !== 'GET') return c.body(null, 200);
    if (feeds.watch(key, c.env.outgoing, sourceOf)) return RESPONSE_ALREADY_SENT;
    return c.text('Too many watch already.\n', 503);
  };
  app.get('/events', (c) => watch(c, 'first', () => firstSource(past, live)));
  app.get('/runs/:id/events', (c) => {
    const id = c.req.param('id');
    if (runPlace(runs, id) === null) return c.notFound();
    return watch(c, id, () => runSource(id, live));
  });
}
