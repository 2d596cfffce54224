// The dashboard in Chromium, as its readers have it: wide, on a phone, in dark, with and without
// scripts, while a run goes on and when it ends.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/serve.ts';
import { BrowserInTest, CHROMIUM, type Opened } from '../support/browser.ts';
import { RunsInTest, TOKEN } from '../support/dashboard.ts';
import { textSizes } from '../support/in-page.ts';
import { requirePart } from '../support/require.ts';

const RUN = 'warm-standby';
const ID = '20261128T120000Z-region-outage-00aa';
const PHONE = { width: 375, height: 812 };
const READABLE_PX = 12;

describe('the dashboard in Chromium', function () {
  this.timeout(120_000);
  let browser: BrowserInTest;
  let place: RunsInTest;
  let dashboard: Dashboard;
  /** Of the run that goes on, those that did not come yet. */
  let coming: readonly string[];
  let over: string;
  before(async function () {
    requirePart(this, 'chromium', CHROMIUM !== null, 'there is no chromium on PATH');
    browser = await BrowserInTest.start();
  });
  after(async () => await browser?.stop());
  beforeEach(async () => {
    place = new RunsInTest();
    place.seal('20261122T200000Z-region-outage-00aa');
    over = place.unpack('target-missed');
    const { lines } = place.begin(RUN, ID);
    const at = lines.findIndex((line) => line.includes('"gslb.redirected"'));
    place.append(ID, lines.slice(0, at));
    coming = lines.slice(at);
    dashboard = await place.serve(TOKEN);
  });
  afterEach(async () => {
    await dashboard.close();
    place.remove();
  });

  const open = async (path: string, options: BrowserContextOptions = {}) => {
    return await browser.visit(new URL(path, dashboard.url).href, options);
  };
  const pages = async (options: BrowserContextOptions = {}) => {
    const opened = new Map<string, Opened>();
    const paths = ['/', '/runs', `/runs/${ID}`, `/runs/${over}`, '/key', '/nothing'];
    for (const path of paths) opened.set(path, await open(path, options));
    return opened;
  };

  it('asks for nothing from elsewhere and complains of nothing', async () => {
    for (const [path, { page, requests, complaints }] of await pages()) {
      const foreign = requests.filter((url) => !url.startsWith(dashboard.url));
      expect(foreign, path).to.deep.equal([]);
      // The browser itself says that there is nothing.
      const known =
        path === '/nothing' ? complaints.filter((text) => !/404/.test(text)) : complaints;
      expect(known, path).to.deep.equal([]);
      await page.context().close();
    }
  });

  it('fits a phone, with letters that can be read', async () => {
    for (const [path, { page }] of await pages({ viewport: PHONE })) {
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(wide, path).to.be.at.most(PHONE.width);
      for (const { text, px } of await textSizes(page)) {
        expect(px, `${path}: ${text}`).to.be.at.least(READABLE_PX);
      }
      await page.context().close();
    }
  });

  it('has nothing that axe finds serious, in light and in dark', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [path, { page }] of await pages({ colorScheme, bypassCSP: true })) {
        await page.evaluate(axe);
        const found = await page.evaluate<Finding[]>('axe.run().then((all) => all.violations)');
        const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const words = grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
        expect(words, `${path}, ${colorScheme}`).to.deep.equal([]);
        await page.context().close();
      }
    }
  });

  it('shows a run as it goes on, and its report once it is over', async () => {
    const { page, complaints } = await open(`/runs/${ID}`);
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
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('shows on the first page what begins and what ends', async () => {
    const { page, complaints } = await open('/');
    await page.getByText('running', { exact: true }).waitFor();
    place.append(ID, coming);
    place.finish(ID, RUN);
    await page.getByText('Nothing runs.').waitFor();
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it('says all of it without scripts, and asks again by itself', async () => {
    for (const [path, { page, complaints }] of await pages({ javaScriptEnabled: false })) {
      if (path === '/nothing') continue;
      expect(complaints, path).to.deep.equal([]);
      const text = await page.locator('body').innerText();
      const isLive = path === '/' || path === `/runs/${ID}`;
      expect(text, path).to.include('drill');
      const again = await page.locator('meta[http-equiv=refresh]').count();
      expect(again, path).to.equal(isLive ? 1 : 0);
      for (const drawing of await page.locator('svg').all()) {
        expect(await drawing.isVisible(), path).to.equal(true);
      }
      await page.context().close();
    }
  });
});

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}
