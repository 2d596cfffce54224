// The pages in Chromium, as a reader has them: opened from disk, with and without scripts, wide, on a
// phone, in dark and light, printed, and looked at by axe.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { RunView } from '../../../src/report/view/run-view.ts';
import { BrowserInTest, CHROMIUM } from '../../support/browser.ts';
import {
  pageOf,
  plantedSeries,
  reportPages,
  RUNS,
  TRIALS_MS,
  viewOf,
} from '../../support/evidence/report-pages.ts';
import { requirePart } from '../../support/require.ts';

const PHONE = { viewport: { width: 375, height: 812 } };
const PRINTED = { viewport: { width: 794, height: 1_123 } };
const READABLE_PX = 12;

describe('a page in Chromium', function () {
  this.timeout(60_000);
  let browser: BrowserInTest;
  let pages: Readonly<Record<string, string>>;
  let view: RunView;
  before(async function () {
    requirePart(this, 'chromium', CHROMIUM !== null, 'there is no chromium on PATH');
    view = viewOf(RUNS.pass);
    pages = reportPages();
    browser = await BrowserInTest.start();
  });
  after(async () => await browser?.stop());

  it('asks for nothing and complains of nothing, with scripts and without', async () => {
    for (const [name, html] of Object.entries(pages)) {
      for (const javaScriptEnabled of [true, false]) {
        const { page, requests, complaints } = await browser.open(html, { javaScriptEnabled });
        expect(requests, name).to.deep.equal([]);
        expect(complaints, name).to.deep.equal([]);
        expect(await page.title(), name).not.to.equal('');
        await page.context().close();
      }
    }
  });

  it('has an opinion of what a page asks for and complains of', async () => {
    const html = '<script>console.error("a"); b()</script><img src="https://192.0.2.1/c.png">';
    const { page, requests, complaints } = await browser.open(html);
    expect(requests).to.deep.equal(['https://192.0.2.1/c.png']);
    expect(complaints.slice(0, 2)).to.deep.equal(['a', 'b is not defined']);
    await page.context().close();
  });

  it('fits a phone: nothing but charts and tables scrolls, and all text is readable', async () => {
    for (const [name, html] of Object.entries(pages)) {
      const { page } = await browser.open(html, PHONE);
      const [wide, room] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      expect(wide, name).to.be.at.most(room);
      for (const { text, px } of await textSizes(page)) {
        expect(px, `${name}: ${text}`).to.be.at.least(READABLE_PX);
      }
      await page.context().close();
    }
  });

  it('is printed whole: nothing folded, nothing cut off at the edge', async () => {
    for (const [name, html] of Object.entries(pages)) {
      const { page } = await browser.open(html, PRINTED, 'print');
      const hidden = await page.evaluate<string[]>(`[...document.querySelectorAll('main *, body > *')]
        .filter((each) => each.closest('title, script, defs, .uplot, .zoomed') === null)
        .filter((each) => !each.checkVisibility({ contentVisibilityAuto: true }))
        .map((each) => each.outerHTML.slice(0, 80))`);
      expect(hidden, name).to.deep.equal([]);
      const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('td, th, svg, pre, p')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 80))`);
      expect(cut, name).to.deep.equal([]);
      await page.context().close();
    }
  });

  it('has nothing that axe finds serious, in light and in dark', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
    for (const [name, html] of Object.entries(pages)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page } = await browser.open(html, { colorScheme, bypassCSP: true });
        await page.evaluate(axe);
        const found = await page.evaluate<Finding[]>('axe.run().then((found) => found.violations)');
        const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const words = grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
        expect(words, `${name}, ${colorScheme}`).to.deep.equal([]);
        await page.context().close();
      }
    }
  });

  it('has each mark where its time is, between the ends of the axis', async () => {
    const { page } = await browser.open(pageOf(view));
    const marks = await page.$$eval('.mark', (all) =>
      all.map((each) => ({
        name: each.getAttribute('data-mark')!,
        left: each.querySelector('line')!.getBoundingClientRect().left,
      })),
    );
    expect(marks.map(({ name }) => name)).to.have.members(view.marks.map(({ name }) => name));
    // Two marks say how many pixels a millisecond has; all others have to agree.
    const at = (name: string) => view.marks.find((mark) => mark.name === name)!.at_ms;
    const of = (name: string) => marks.find((mark) => mark.name === name)!.left;
    const per_ms = (of('sustained') - of('detected')) / (at('sustained') - at('detected'));
    for (const { name, left } of marks) {
      const due = of('detected') + (at(name) - at('detected')) * per_ms;
      expect(left, name).to.be.closeTo(due, 1);
    }
    await page.context().close();
  });

  it('shades each fault from its start to its end, in each chart', async () => {
    const { page } = await browser.open(pages['inconclusive']!);
    const charts = await page.$$eval('svg[data-from]', (all) =>
      all.map((svg) => {
        const box = (each: Element) => each.getBoundingClientRect();
        const [left, right] = [box(svg).left, box(svg).right];
        const faults = [...svg.querySelectorAll('.fault.disaster')].map((each) => ({
          from: (box(each).left - left) / (right - left),
          to: (box(each).right - left) / (right - left),
        }));
        const fills = [...svg.querySelectorAll('.fault')].map((each) => getComputedStyle(each).fill);
        return { label: svg.getAttribute('aria-label')!, faults, fills };
      }),
    );
    expect(charts.length).to.be.greaterThan(2);
    for (const { label, faults, fills } of charts) {
      expect(faults, label).to.have.length(1);
      expect(faults[0]!.to, label).to.be.greaterThan(faults[0]!.from + 0.2);
      expect(fills[0], label).not.to.equal('none');
    }
    await page.context().close();
  });

  it('has a dot for each trial, where its recovery time is', async () => {
    const { page } = await browser.open(pages['series']!);
    const dots = await page.$$eval('circle.dot', (all) =>
      all.map((each) => ({
        ms: Number(each.getAttribute('data-ms')),
        x: each.getBoundingClientRect().left,
      })),
    );
    expect(dots.map(({ ms }) => ms)).to.have.members(TRIALS_MS);
    const [slowest, quickest] = [Math.max, Math.min].map((pick) => {
      return dots.find(({ ms }) => ms === pick(...TRIALS_MS))!;
    });
    const per_ms = (slowest!.x - quickest!.x) / (slowest!.ms - quickest!.ms);
    for (const { ms, x } of dots) {
      expect(x, String(ms)).to.be.closeTo(quickest!.x + (ms - quickest!.ms) * per_ms, 1);
    }
    expect(plantedSeries(view).verdict).to.equal('fail');
    await page.context().close();
  });
});

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** Each text that is shown, and how large it is on the screen; a drawing is scaled. */
async function textSizes(page: Page): Promise<{ text: string; px: number }[]> {
  return await page.evaluate(`[...document.querySelectorAll('body *')].flatMap((each) => {
    const own = [...each.childNodes].filter(({ nodeType }) => nodeType === 3);
    const text = own.map(({ data }) => data.trim()).join('');
    const isShown = text !== '' && each.checkVisibility() && each.closest('title, script') === null;
    if (!isShown) return [];
    const svg = each.closest('svg');
    const scale = svg === null ? 1 : svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return [{ text, px: parseFloat(getComputedStyle(each).fontSize) * scale }];
  })`);
}
