// The pages in Chromium, as a reader has them: opened from disk, with and without scripts, wide, on a
// phone, in dark and light, printed, and looked at by axe.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { valueScale } from '../../../src/report/html/axis.ts';
import { chartsOf } from '../../../src/report/html/charts.ts';
import { VALUE_WORDS, momentText } from '../../../src/report/html/value-words.ts';
import type { RunView } from '../../../src/report/view/run-view.ts';
import { BrowserInTest, CHROMIUM, graveFindings, type Opened } from '../../support/browser.ts';
import {
  reportPages,
  RUNS,
  SCALED,
  TRIALS_MS,
  viewOf,
} from '../../support/evidence/report-pages.ts';
import {
  CUT,
  DRAWN,
  HIDDEN,
  SHADED,
  textSizes,
  type Drawn,
  type Shaded,
} from '../../support/in-page.ts';
import { requirePart } from '../../support/require.ts';

const WIDE = { width: 1_200, height: 900 };
const PHONE = { width: 375, height: 812 };
/** A4, less the margins that a browser leaves. */
const PAPER = { width: 718, height: 1_000 };
const READABLE_PX = 12;
const FITS = 'document.documentElement.scrollWidth <= innerWidth';

describe('a page in Chromium', function () {
  this.timeout(120_000);
  let browser: BrowserInTest;
  let view: RunView;
  /** Each page once, with scripts. */
  const opened = new Map<string, Opened>();
  const pageOf = (name: string) => opened.get(name)!.page;
  before(async function () {
    requirePart(this, 'chromium', CHROMIUM !== null, 'there is no chromium on PATH');
    view = viewOf(RUNS.pass);
    browser = await BrowserInTest.start();
    for (const [name, html] of Object.entries(reportPages())) {
      opened.set(name, await browser.open(html, { viewport: WIDE, bypassCSP: false }));
    }
  });
  after(async () => await browser?.stop());
  afterEach(async () => {
    for (const { page } of opened.values()) {
      await page.setViewportSize(WIDE);
      await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    }
  });

  it('asks for nothing and complains of nothing', () => {
    expect([...opened.keys()]).to.have.members([
      ...['pass', 'fail', 'inconclusive', 'series', 'compare', 'scale', 'gameday'],
    ]);
    for (const [name, { requests, complaints }] of opened) {
      expect(requests, name).to.deep.equal([]);
      expect(complaints, name).to.deep.equal([]);
    }
  });

  it('would be seen to ask and to complain', async () => {
    const html = '<script>console.error("a"); b()</script><img src="https://192.0.2.1/c.png">';
    const { page, requests, complaints } = await browser.open(html);
    expect(requests).to.deep.equal(['https://192.0.2.1/c.png']);
    expect(complaints).to.include('a').and.to.include('b is not defined');
    await page.context().close();
  });

  it('has all of its text and drawings without JavaScript', async () => {
    const without = await browser.open(reportPages()['series']!, { javaScriptEnabled: false });
    expect(without.complaints).to.deep.equal([]);
    const shown = await without.page.locator('body').innerText();
    for (const words of ['FAIL', 'Recovery times', 'Throughput and errors', 'Writes', 'detect']) {
      expect(shown).to.include(words);
    }
    for (const drawing of await without.page.locator('svg').all()) {
      expect(await drawing.isVisible()).to.equal(true);
    }
    await without.page.context().close();
  });

  it('fits a phone: nothing but charts and tables scrolls, and all text is readable', async () => {
    for (const [name, { page }] of opened) {
      await page.setViewportSize(PHONE);
      // Charts that zoom are told of it by the browser, in a frame of its own.
      await page.waitForFunction(FITS, null, { timeout: 5_000 }).catch(() => {});
      const [wide, room] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      expect(room, name).to.equal(PHONE.width);
      expect(wide, name).to.be.at.most(room);
      const sizes = await textSizes(page);
      expect(sizes.length, name).to.be.greaterThan(30);
      for (const { text, px } of sizes) expect(px, `${name}: ${text}`).to.be.at.least(READABLE_PX);
    }
  });

  it('is printed whole: nothing folded, nothing cut off at the edge', async () => {
    for (const [name, { page }] of opened) {
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize(PAPER);
      expect(await page.evaluate<string[]>(HIDDEN), name).to.deep.equal([]);
      expect(await page.evaluate<string[]>(CUT), name).to.deep.equal([]);
    }
  });

  it('has nothing that axe finds serious, in light and in dark', async () => {
    for (const [name, { page }] of opened) {
      for (const colour of ['light', 'dark'] as const) {
        expect(await graveFindings(page, colour), `${name}, ${colour}`).to.deep.equal([]);
      }
    }
  });

  it('has each mark where its time is', async () => {
    const marks = await pageOf('pass').evaluate<{ name: string; left: number }[]>(
      `[...document.querySelectorAll('.mark')].map((each) => ({
        name: each.dataset.mark, left: each.querySelector('line').getBoundingClientRect().left,
      }))`,
    );
    expect(marks.map(({ name }) => name)).to.have.members(view.marks.map(({ name }) => name));
    // Two marks say how many pixels a millisecond has; all others have to agree.
    const at = (name: string) => view.marks.find((mark) => mark.name === name)!.at_ms;
    const of = (name: string) => marks.find((mark) => mark.name === name)!.left;
    const per_ms = (of('sustained') - of('detected')) / (at('sustained') - at('detected'));
    expect(per_ms).to.be.greaterThan(0.3);
    for (const { name, left } of marks) {
      const due = of('detected') + (at(name) - at('detected')) * per_ms;
      expect(left, name).to.be.closeTo(due, 1);
    }
  });

  it('shades each fault from its start to its end, in each chart', async () => {
    const charts = await pageOf('inconclusive').evaluate<Shaded[]>(SHADED);
    expect(charts.map(({ label }) => label)).to.include.members([
      'Course of the recovery',
      ...['Throughput and errors', 'Latency'],
    ]);
    for (const { label, faults, fill, from, to } of charts) {
      expect(faults, label).to.have.length(1);
      // Zero is the disaster, and it lasts to the end of the drawing.
      expect(faults[0]!.from_ms, label).to.be.closeTo(0, (to - from) / 300);
      expect(faults[0]!.to_ms, label).to.be.closeTo(to, (to - from) / 300);
      expect(fill, label).to.match(/^rgb/);
    }
  });

  it('shows the same values where somebody points as the drawing, on all charts at once', async () => {
    const page = pageOf('pass');
    const { rates } = view;
    const zoomed = page.locator('.zoom');
    expect(await zoomed.count()).to.equal(3);
    expect(await page.locator('.chart .static').first().isVisible()).to.equal(false);
    await zoomed.first().scrollIntoViewIfNeeded();
    const over = (await zoomed.first().locator('.u-over').boundingBox())!;
    for (const share of [0.2, 0.45, 0.8]) {
      await page.mouse.move(over.x + share * over.width, over.y + 40);
      const [since = '', ...values] = await legendOf(page, 0);
      const latency = await legendOf(page, 1);
      expect(latency[0]).to.equal(since);
      const at = rates!.p99_ms.findIndex((_, span) => {
        const middle_ms = rates!.from_ms + (span + 0.5) * rates!.span_ms - view.disaster_ms!;
        return momentText(middle_ms) === since;
      });
      expect(at, since).to.be.greaterThan(-1);
      const served = rates!.served.map(({ per_s }) => per_s[at]!);
      const due = [...served, rates!.failed_per_s[at]!].map(VALUE_WORDS.per_s);
      expect(values, since).to.deep.equal(due);
      const words = (value: number | null) => (value === null ? '–' : VALUE_WORDS.ms(value));
      expect(latency.slice(1), since).to.deep.equal([
        words(rates!.p99_ms[at]!),
        words(rates!.p50_ms[at]!),
      ]);
      // The drawing has its point at the same place in its own scale.
      const chart = chartsOf(view)[0]!;
      const most = Math.max(
        ...chart.curves.flatMap((curve) => curve.values.map((each) => each ?? 0)),
      );
      const drawn = await page.evaluate<string>(
        `document.querySelector('svg[aria-label="Throughput and errors"] .region-1').getAttribute('d')`,
      );
      const y = Number(drawn.split(/[ML]/)[at + 1]!.split(' ')[1]);
      expect(y, since).to.be.closeTo(valueScale(most, 10, 160).y(served[1]!), 0.06);
    }
  });

  it('zooms all charts of a run by a drag or a key, and out by a double click', async () => {
    const page = pageOf('pass');
    const firsts = async () => {
      return await page.evaluate<string[]>(`[...document.querySelectorAll('.zoom')].map((each) => {
        const over = each.querySelector('.u-over').getBoundingClientRect();
        return over.width > 0 ? each.querySelector('canvas').toDataURL() : '';
      })`);
    };
    await page.locator('.zoom').first().scrollIntoViewIfNeeded();
    await page.mouse.move(10, 10);
    const whole = await firsts();
    const over = (await page.locator('.zoom .u-over').first().boundingBox())!;
    await page.mouse.move(over.x + 0.4 * over.width, over.y + 30);
    await page.mouse.down();
    await page.mouse.move(over.x + 0.7 * over.width, over.y + 30, { steps: 4 });
    await page.mouse.up();
    const near = await firsts();
    for (const [at, picture] of near.entries()) expect(picture).not.to.equal(whole[at]);
    await page.mouse.dblclick(over.x + 0.5 * over.width, over.y + 30);
    expect(await firsts()).to.deep.equal(whole);
    await page.locator('.zoom').first().focus();
    await page.keyboard.press('+');
    for (const [at, picture] of (await firsts()).entries()) expect(picture).not.to.equal(whole[at]);
    await page.keyboard.press('Escape');
    expect(await firsts()).to.deep.equal(whole);
    await page.keyboard.press('ArrowRight');
    const [one = ''] = await legendOf(page, 0);
    await page.keyboard.press('ArrowRight');
    expect((await legendOf(page, 0))[0]).not.to.equal(one);
  });

  it('has a dot for each trial, where its recovery time is', async () => {
    const dots = await pageOf('series').evaluate<{ ms: number; x: number }[]>(
      `[...document.querySelectorAll('circle.dot')].map((each) => {
        const { left, right } = each.getBoundingClientRect();
        return { ms: Number(each.dataset.ms), x: (left + right) / 2 };
      })`,
    );
    expect(dots.map(({ ms }) => ms)).to.deep.equal(TRIALS_MS);
    const of = (ms: number) => dots.find((dot) => dot.ms === ms)!;
    const [slowest, quickest] = [of(Math.max(...TRIALS_MS)), of(Math.min(...TRIALS_MS))];
    const per_ms = (slowest.x - quickest.x) / (slowest.ms - quickest.ms);
    for (const { ms, x } of dots) {
      expect(x, String(ms)).to.be.closeTo(quickest.x + (ms - quickest.ms) * per_ms, 1);
    }
  });

  it('has a dot for each run where its size and its time are, and each line through them', async () => {
    const { dots, zero, lines } = await pageOf('scale').evaluate<Drawn>(DRAWN);
    const { fits } = SCALED;
    expect(dots).to.have.length(fits.reduce((sum, { points }) => sum + points.length, 0));
    const of = (bytes: number, ms: number) => {
      return dots.find((dot) => dot.bytes === bytes && dot.ms === ms)!;
    };
    const { points, line } = fits[0]!;
    const [first, last] = [points[0]!, points.at(-1)!];
    const [one, other] = [of(first.bytes, first.ms), of(last.bytes, last.ms)];
    // Two dots say how many pixels a byte and a millisecond have; all others have to agree.
    const per_byte = (other.x - one.x) / (last.bytes - first.bytes);
    const per_ms = (zero.y - other.y) / last.ms;
    expect(one.x - zero.x, 'from no data at all').to.be.closeTo(per_byte * first.bytes, 1);
    for (const { bytes, ms, x, y } of dots) {
      expect(x, String(bytes)).to.be.closeTo(zero.x + bytes * per_byte, 1);
      expect(y, String(ms)).to.be.closeTo(zero.y - ms * per_ms, 1);
    }
    const end_ms = line!.at_zero_ms + (line!.per_gb_ms * last.bytes) / 1e9;
    const rto = lines.find(({ isRto }) => isRto)!;
    expect(rto.top, 'the end of the line').to.be.closeTo(zero.y - end_ms * per_ms, 2);
    expect(rto.right).to.be.closeTo(other.x, 2);
    const shown = lines.map(({ colour }) => colour);
    expect(new Set(shown).size, 'a colour for each').to.equal(shown.length);
  });
});

/** What stands beside a chart: since the disaster, then a value for each curve. */
async function legendOf(page: Page, chart: number): Promise<string[]> {
  return await page.locator('.zoom').nth(chart).locator('.u-value').allInnerTexts();
}
