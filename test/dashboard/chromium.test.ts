// The dashboard in Chromium, as its readers have it: wide, on a phone, in dark, with and without
// scripts, while a run goes on and when it ends.
import { expect } from 'chai';
import { join } from 'node:path';
import type { Dashboard } from '../../src/dashboard/serve.ts';
import { ordersFolder, takeOrder } from '../../src/session/operator/orders.ts';
import { BrowserInTest, CHROMIUM, graveFindings, type Opened } from '../support/browser.ts';
import { RunsInTest, TOKEN } from '../support/dashboard.ts';
import { textSizes } from '../support/in-page.ts';
import { requirePart } from '../support/require.ts';

const RUN = 'warm-standby';
const ID = '20261128T120000Z-region-outage-00aa';
const SERIES = '20261122T195959Z-region-outage-series-00cc';
const PHONE = { width: 375, height: 812 };
const READABLE_PX = 12;

describe('the dashboard in Chromium', function () {
  this.timeout(120_000);
  let browser: BrowserInTest;
  let place: RunsInTest;
  let dashboard: Dashboard;
  let paths: readonly string[];
  /** Of the run that goes on, those that did not come yet. */
  let coming: readonly string[];
  /** Each page once, with scripts, and as it was when it came. */
  const opened = new Map<string, Opened>();
  before(async function () {
    requirePart(this, 'chromium', CHROMIUM !== null, 'there is no chromium on PATH');
    browser = await BrowserInTest.start();
    place = new RunsInTest();
    place.plantSeries(SERIES, 1);
    const over = place.unpack('target-missed');
    const { id: day } = await place.claim('Everybody is there.');
    const { lines } = place.begin(RUN, ID);
    const at = lines.findIndex((line) => line.includes('"gslb.redirected"'));
    place.append(ID, lines.slice(0, at));
    coming = lines.slice(at);
    dashboard = await place.serve(TOKEN);
    const runs = ['/runs', `/runs/${ID}`, `/runs/${over}`, `/compare?before=${over}&now=${over}`];
    paths = [
      '/',
      ...runs,
      `/series/${SERIES}`,
      '/gamedays',
      `/gamedays/${day}`,
      '/strategies',
      '/key',
      '/nothing',
    ];
    for (const path of paths) opened.set(path, await open(path, { isStill: true }));
  });
  after(async () => {
    await browser?.stop();
    await dashboard?.close();
    place?.remove();
  });

  const open = async (path: string, options: Parameters<BrowserInTest['visit']>[1] = {}) => {
    return await browser.visit(new URL(path, dashboard.url).href, options);
  };

  it('asks for nothing from elsewhere and complains of nothing', () => {
    for (const [path, { requests, complaints }] of opened) {
      const foreign = requests.filter((url) => !url.startsWith(dashboard.url));
      expect(foreign, path).to.deep.equal([]);
      // The browser itself says that there is nothing.
      const known =
        path === '/nothing' ? complaints.filter((text) => !text.includes('404')) : complaints;
      expect(known, path).to.deep.equal([]);
    }
  });

  it('has nothing that axe finds serious, in light and in dark', async () => {
    for (const [path, { page }] of opened) {
      for (const colour of ['light', 'dark'] as const) {
        expect(await graveFindings(page, colour), `${path}, ${colour}`).to.deep.equal([]);
      }
    }
  });

  it('fits a phone, with letters that can be read', async () => {
    for (const [path, { page }] of opened) {
      await page.setViewportSize(PHONE);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(wide, path).to.be.at.most(PHONE.width);
      for (const { text, px } of await textSizes(page)) {
        expect(px, `${path}: ${text}`).to.be.at.least(READABLE_PX);
      }
    }
  });

  it('says all of it without scripts, and asks again by itself', async () => {
    const { page, complaints } = await open('/', { javaScriptEnabled: false });
    for (const path of paths.filter((each) => each !== '/nothing')) {
      await page.goto(new URL(path, dashboard.url).href);
      expect(complaints, path).to.deep.equal([]);
      expect((await page.locator('main').innerText()).length, path).to.be.greaterThan(20);
      const isLive = path === '/' || path === `/runs/${ID}` || path.startsWith('/gamedays/');
      const again = await page.locator('meta[http-equiv=refresh]').count();
      expect(again, path).to.equal(isLive ? 1 : 0);
      for (const drawing of await page.locator('svg').all()) {
        expect(await drawing.isVisible(), path).to.equal(true);
      }
    }
    await page.context().close();
  });

  it('halts a run by a button, for whoever has signed in', async () => {
    const { page, complaints } = await open('/key');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button').click();
    await page.getByText('That is not the token.').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button').click();
    await page.getByText('Signed in').waitFor();
    await page.goto(new URL(`/runs/${ID}`, dashboard.url).href);
    await page.getByRole('button', { name: 'Halt' }).click();
    await page.waitForLoadState();
    expect(takeOrder(ordersFolder(join(place.runs, ID)), ['halt'])?.order).to.equal('halt');
    expect(complaints.filter((text) => !text.includes('401'))).to.deep.equal([]);
    await page.context().close();
  });

  it('shows a run as it goes on, and its report once it is over', async () => {
    const { page, complaints } = await open(`/runs/${ID}`);
    const first = await open('/');
    await first.page.getByText('running', { exact: true }).waitFor();
    await page.getByText('not known before verification').waitFor();
    const clock = page.locator('.clock');
    const before = await clock.innerText();
    // Scripts let it go on between two looks at the journal.
    while ((await clock.innerText()) === before) await page.waitForTimeout(20);
    place.append(ID, coming);
    await page.getByText('service is back').waitFor();
    await page.getByText('counted; the report says it').waitFor();
    place.finish(ID, RUN);
    await page.getByText('Largest cause', { exact: false }).first().waitFor();
    expect(await page.locator('.badge').first().innerText()).to.equal('PASS');
    await first.page.getByText('Nothing runs.').waitFor();
    expect([...complaints, ...first.complaints]).to.deep.equal([]);
  });
});
