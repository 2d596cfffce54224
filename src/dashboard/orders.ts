// What somebody who has signed in may order: a run is halted, a disaster declared, a step
// confirmed, a game day agreed to. An order is a file for whoever runs the drill, the same as of a
// command.
import type { Context } from 'hono';
import { stateOf } from '../archive/run-list.ts';
import { dayIds, dayOrders, readDay } from '../gameday/day/day-files.ts';
import { giveOrder, ordersFolder, type OrderName } from '../session/operator/orders.ts';
import type { App, AppParts, Show } from './parts.ts';
import { formOf } from './access/form.ts';
import { runPlace } from './model/run-place.ts';
import { notePage } from './pages/frame.ts';
import { keyPage } from './pages/key.ts';

const WAY = 'the dashboard';
const ANSWERS: readonly OrderName[] = ['declare', 'confirm'];

export function addOrders(app: App, { runs, keys, live, days }: AppParts, show: Show): void {
  if (!keys.isOpen) return;
  const refused = (c: Context, text: string) => show(c, notePage('Not done', [text]), 409);
  const give = (c: Context, folder: string, order: OrderName, back: string, about?: string) => {
    try {
      giveOrder(folder, order, WAY, about);
    } catch (error) {
      return refused(c, `The order could not be given: ${(error as Error).message}`);
    }
    return c.redirect(back, 303);
  };
  for (const path of ['/runs/:id/order', '/gamedays/:id/approve']) {
    app.use(path, async (c, next) => {
      // A browser says where a form comes from; who says nothing has to have the token itself.
      const isOwn = c.req.header('origin') ?? c.req.header('authorization');
      if (keys.holds(c) && isOwn !== undefined) await next();
      else return show(c, keyPage(false, false), 401);
    });
  }
  app.post('/runs/:id/order', async (c) => {
    const id = c.req.param('id');
    const place = runPlace(runs, id);
    if (place === null) return c.notFound();
    const { order, about } = await formOf(c);
    if (stateOf(place) !== 'running') return refused(c, `${id} is not running.`);
    const folder = ordersFolder(place);
    if (order === 'halt') return give(c, folder, 'halt', `/runs/${id}`);
    const answer = ANSWERS.find((each) => each === order);
    if (answer === undefined) return c.notFound();
    const asked = live.get(id)?.course.asked ?? null;
    if (asked?.order !== answer || asked.question !== about) {
      return refused(c, `${id} does not wait for that.`);
    }
    return give(c, folder, answer, `/runs/${id}`, about);
  });
  app.post('/gamedays/:id/approve', (c) => {
    const id = c.req.param('id');
    const record = dayIds(runs).includes(id) ? readDay(runs, id) : null;
    if (record === null) return c.notFound();
    if (!days.shown(record).isWaiting) return refused(c, `${id} does not wait for anybody.`);
    return give(c, dayOrders(runs, id), 'approve', `/gamedays/${id}`);
  });
}
