// The addresses of the dashboard, and what is shown at each.
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { RUN_ID, stateOf } from '../archive/run-list.ts';
import { dayIds, readDay } from '../gameday/day/day-files.ts';
import { dayBefore } from '../gameday/day/find-day.ts';
import { hostClock } from '../host/clock.ts';
import { commandName } from '../screen/command-name.ts';
import type { App, AppParts, Env, Show } from './parts.ts';
import type { Source } from './live/feed.ts';
import { Metrics } from './metrics.ts';
import { runPlace } from './model/run-place.ts';
import { comparePage, strategiesPage, strategyRuns } from './pages/compare.ts';
import { dayControls, runControls } from './pages/controls.ts';
import { firstPage, nowSection } from './pages/first.ts';
import { notePage } from './pages/frame.ts';
import { gameDayPage, gameDaysPage } from './pages/game-days.ts';
import { KeptPages } from './pages/kept-pages.ts';
import { livePage } from './pages/live.ts';
import { runPage, withSeries } from './pages/run.ts';
import { toldPage } from './pages/told.ts';
import { runsPage } from './pages/runs.ts';
import { seriesPage } from './pages/series.ts';
import { firstSource, runSource } from './sources.ts';

/** Without scripts a page that changes is asked for again after so long. */
const AGAIN_S = 5;

export function addPages(app: App, parts: AppParts, show: Show): void {
  const { past, live, days } = parts;
  app.get('/', async (c) => {
    const overview = await past.current();
    const open = past.open(overview);
    const now_ms = hostClock().wall();
    const now = nowSection(open, (id) => live.get(id));
    const coming = await days.coming(now_ms, days.records());
    const body = firstPage({ overview, open, now, now_ms, coming: coming.days });
    return show(c, { title: 'drill', body, room: '/', again_s: AGAIN_S, feed: '/events' });
  });
  addRuns(app, parts, show);
  app.get('/strategies', async (c) => {
    const page = strategiesPage(strategyRuns(await past.current()), parts);
    return show(c, { ...page, room: '/strategies' });
  });
  app.get('/gamedays', async (c) => {
    const records = days.records();
    const coming = await days.coming(hostClock().wall(), records);
    const shown = records.map((record) => days.shown(record));
    return show(c, { title: 'Game days', body: gameDaysPage(coming, shown), room: '/gamedays' });
  });
  app.get('/gamedays/:id', (c) => {
    const id = c.req.param('id');
    const record = dayIds(parts.runs).includes(id) ? readDay(parts.runs, id) : null;
    if (record === null) return c.notFound();
    const shown = days.shown(record);
    const controls = shown.isWaiting && parts.keys.holds(c) ? dayControls(id) : '';
    const body = gameDayPage(shown, dayBefore(record), controls);
    const again = record.ended_at === null ? { again_s: AGAIN_S } : {};
    return show(c, { title: record.name, body, room: '/gamedays', ...again });
  });
  const metrics = new Metrics();
  app.get('/metrics', async (c) => {
    const overview = await past.newest();
    const text = await metrics.text(overview, past.open(overview));
    return c.body(text, 200, { 'content-type': metrics.contentType });
  });
}

function addRuns(app: App, parts: AppParts, show: Show): void {
  const { runs, environment, past, live, keys } = parts;
  const reports = new KeptPages((id, place) => runPage(id, place, commandName(environment)));
  app.get('/runs', async (c) => {
    const overview = await past.current();
    const before = c.req.query('before') ?? null;
    if (before !== null && !RUN_ID.test(before)) return c.notFound();
    const body = runsPage(overview, past.open(overview), before);
    return show(c, { title: 'Runs', body, room: '/runs' });
  });
  app.get('/runs/:id', async (c) => {
    const id = c.req.param('id');
    const place = runPlace(runs, id);
    if (place === null) {
      const { history } = await past.current();
      const page = toldPage(history.runs.find((run) => run.id === id));
      return page === null ? c.notFound() : show(c, page);
    }
    if (stateOf(place) !== 'running') {
      const { history } = await past.current();
      const series = history.runs.find((run) => run.id === id)?.series ?? null;
      return show(c, withSeries(reports.of(id, place), series));
    }
    const run = live.get(id);
    if (run === null) return show(c, { ...notePage(id, ['It begins.']), again_s: AGAIN_S });
    const again = { again_s: AGAIN_S, feed: `/runs/${id}/events` };
    const controls = keys.holds(c) ? runControls(id, run.course.asked) : '';
    return show(c, { title: `${id} is running`, body: livePage(run, controls), ...again });
  });
  app.get('/series/:id', (c) => {
    const page = seriesPage(runs, c.req.param('id'));
    return page === null ? c.notFound() : show(c, page);
  });
  app.get('/compare', async (c) => {
    const [one, other] = [c.req.query('before'), c.req.query('now')];
    if (one === undefined || other === undefined) {
      return show(c, notePage('Two runs compared', ['Choose two runs among all of them.']));
    }
    if (!RUN_ID.test(one) || !RUN_ID.test(other)) return c.notFound();
    return show(c, comparePage([one, other], await past.current(), parts));
  });
}

/** What pages are told while they are looked at. */
export function addFeeds(app: App, { runs, past, live, feeds }: AppParts): void {
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
