// The dashboard as an application that answers requests: it reads the folder of runs, and changes
// nothing there but by an order of somebody who has the token.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { formOf } from './access/form.ts';
import { guard } from './access/guard.ts';
import type { Keys } from './access/keys.ts';
import { makeAssets } from './assets.ts';
import { framed, notePage, type Frame, type Reader } from './pages/frame.ts';
import { addOrders } from './orders.ts';
import type { App, AppParts, Env, Show } from './parts.ts';
import { addFeeds, addPages } from './routes.ts';
import { keyPage } from './pages/key.ts';

const FORM_BYTES = 4_096;
const FOR_A_DAY = 'public, max-age=86400';

export function dashboardApp(parts: AppParts): App {
  const app: App = new Hono<Env>();
  const { keys, isPrivate, hosts, tell } = parts;
  const readerOf = (c: Context): Reader => ({ canSignIn: keys.isOpen, isSignedIn: keys.holds(c) });
  const show = (c: Context, frame: Frame, status: 200 | 400 | 401 | 404 | 409 | 500 = 200) => {
    return c.html(framed(frame, readerOf(c)), status);
  };
  app.use(guard(hosts));
  const limited = bodyLimit({ maxSize: FORM_BYTES, onError: (c) => c.text('Too long.\n', 413) });
  app.use(async (c, next) => {
    // It cannot look at the body of a request that has none.
    const hasBody = ['content-length', 'transfer-encoding'].some((name) => c.req.header(name));
    return hasBody ? await limited(c, next) : await next();
  });
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
  addOrders(app, parts, show);
  app.notFound((c) => show(c, notePage('Not found', ['There is nothing at this address.']), 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status === 400) {
      return show(c, notePage('Not understood', [error.message]), 400);
    }
    tell(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
    return show(c, notePage('That went wrong', ['The log of drill serve says why.']), 500);
  });
  return app;
}

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
    const { token } = await formOf(c);
    if (keys.signIn(c, typeof token === 'string' ? token.trim() : '')) return c.redirect('/', 303);
    return show(c, keyPage(false, true), 401);
  });
  app.post('/key/away', (c) => {
    keys.signOut(c);
    return c.redirect('/', 303);
  });
}
