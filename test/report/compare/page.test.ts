import { expect } from 'chai';
import { compareHtml } from '../../../src/report/compare/page.ts';
import {
  activeActive,
  allStrategies,
  backupRestore,
  compared,
  lostForGood,
  warmStandby,
} from '../../support/evidence/compared.ts';

const VOID = ['meta', 'line', 'rect', 'path'];

/** The elements of a page, with complaints of what is not closed as it was opened. */
function parse(page: string): { readonly names: string[]; readonly problems: string[] } {
  const open: string[] = [];
  const names: string[] = [];
  const problems: string[] = [];
  const body = page
    .replace(/^<!doctype html>/, '')
    .replace(/<style>[^]*?<\/style>/, '<style></style>');
  for (const [, end, name = '', rest = ''] of body.matchAll(
    /<(\/?)([a-z0-9]+)((?:"[^"]*"|[^">])*)>/g,
  )) {
    if (end === '/') {
      if (open.at(-1) === name) open.pop();
      else problems.push(`</${name}> in <${open.at(-1)}>`);
    } else {
      names.push(name);
      const isClosed = rest.endsWith('/') || name === 'meta';
      if (!isClosed) open.push(name);
      else if (!VOID.includes(name)) problems.push(`<${name}/>`);
    }
  }
  const texts = body.replaceAll(/<[^>]*>/g, '');
  if (/[<>]/.test(texts)) problems.push('a bare < or >');
  return { names, problems: [...problems, ...open.map((name) => `<${name}> stays open`)] };
}

interface Drawn {
  readonly kind: string;
  readonly x: number;
  readonly width: number;
}

/** The rectangles of each bar, from left to right. */
function barsOf(page: string): Drawn[][] {
  return [...page.matchAll(/<g>[^]*?<\/g>/g)].map(([bar]) =>
    [...bar.matchAll(/<rect class="([^"]+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)].map(
      ([, kind = '', x, width]) => ({ kind, x: Number(x), width: Number(width) }),
    ),
  );
}

const lengthOf = (bar: readonly Drawn[]) => bar.reduce((sum, { width }) => sum + width, 0);

describe('comparison as a page', () => {
  const page = compareHtml(compared(allStrategies()));

  it('is well-formed, with a chart, a legend and a table', () => {
    const { names, problems } = parse(page);
    expect(problems).to.deep.equal([]);
    expect(names).to.include.members(['svg', 'ul', 'table', 'style']);
  });

  it('needs nothing from anywhere, and runs nothing', () => {
    expect(page).not.to.match(/https?:|<script|<link|<img|@import|src=|href=/);
    expect(page.match(/url\([^)]*\)/g)).to.deep.equal(['url(#hatch)']);
    expect(page).to.include('Content-Security-Policy');
    expect(page).to.include('default-src &#39;none&#39;');
  });

  it('has colours for a light and a dark ground, all of them for both', () => {
    const light = /:root \{([^}]*)\}/.exec(page)![1]!;
    const dark = /prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}/.exec(page)![1]!;
    expect(light).to.include('color-scheme: light dark');
    const defined = new Set([...light.matchAll(/--[a-z]+/g)].map(([name]) => name));
    for (const [, name = ''] of page.matchAll(/var\((--[a-z]+)\)/g)) {
      expect(defined.has(name), name).to.equal(true);
    }
    for (const name of ['--ground', '--text', '--soft', '--line']) expect(dark).to.include(name);
  });

  it('draws one bar for each drill, cut into its phases, all on one time axis', () => {
    const bars = barsOf(page);
    expect(bars).to.have.length(4);
    const times = [5482, 2372, 1492, 1352];
    const scale = lengthOf(bars[0]!) / times[0]!;
    bars.forEach((bar, at) => {
      expect(lengthOf(bar), String(at)).to.be.closeTo(times[at]! * scale, 1);
      expect(bar[0]!.x).to.equal(bars[0]![0]!.x);
      bar.slice(1).forEach(({ x }, i) => expect(x).to.be.closeTo(bar[i]!.x + bar[i]!.width, 0.11));
    });
    const [restore] = bars[0]!.filter(({ kind }) => kind.includes('phase-restore'));
    expect(restore!.width).to.be.closeTo(4100 * scale, 0.2);
    expect(bars[3]!.map(({ kind }) => kind).join()).not.to.match(/fence|promote/);
  });

  it('has a legend with each phase that is drawn, and a colour for each', () => {
    const [legend = ''] = /<ul class="legend">.*<\/ul>/.exec(page)!;
    const drawn = new Set(barsOf(page).flatMap((bar) => bar.map(({ kind }) => kind)));
    for (const kind of drawn) {
      expect(legend).to.include(`class="swatch ${kind}"`);
      expect(page).to.include(`svg .${kind.split(' ')[1]} {`);
    }
  });

  it('draws the error bar to scale, below the end of the bar', () => {
    const [bar] = barsOf(page);
    const scale = lengthOf(bar!) / 5482;
    const [, from, , to] = /class="whisker" d="M([\d.]+) [\d.]+v8M[\d.]+ ([\d.]+)H([\d.]+)/.exec(
      page,
    )!;
    expect(Number(to)).to.be.closeTo(bar![0]!.x + lengthOf(bar!), 0.5);
    expect(Number(to) - Number(from)).to.be.closeTo(40 * scale, 0.2);
  });

  it('draws service that did not come back as waiting to the end, without squeezing others', () => {
    const open = compareHtml(compared([backupRestore(), lostForGood()]));
    const [restored, waiting] = barsOf(open);
    expect(waiting!.at(-1)!.kind).to.equal('waiting');
    expect(lengthOf(waiting!)).to.be.greaterThan(lengthOf(restored!));
    expect(lengthOf(restored!)).to.be.greaterThan(0.8 * lengthOf(waiting!));
    expect(open).to.include('not recovered');
    expect(open).to.include('over 1 m 00 s');
    expect(parse(open).problems).to.deep.equal([]);
  });

  it('has all that is measured of repeats in the whisker', () => {
    const runs = [1000, 3000, 2000].map((ms) => warmStandby({ phases: [['detect', ms]] }));
    const repeated = compareHtml(compared(runs));
    const [bar] = barsOf(repeated);
    const scale = lengthOf(bar!) / 2000;
    const [, from, to] = /class="whisker" d="M([\d.]+) [\d.]+v8M[\d.]+ [\d.]+H([\d.]+)/.exec(
      repeated,
    )!;
    const start = bar![0]!.x;
    expect((Number(from) - start) / scale).to.be.closeTo(960, 5);
    expect((Number(to) - start) / scale).to.be.closeTo(3000, 5);
  });

  it('has no chart where no RTO was measured, and still the table', () => {
    const nothing = { recovery: null, loss: null, gates: [], verdict: 'environment' } as const;
    const bare = compareHtml(compared([warmStandby({ result: nothing })]));
    expect(bare).not.to.include('<svg');
    expect(bare).to.include('ENVIRONMENT');
    expect(parse(bare).problems).to.deep.equal([]);
    const one = compareHtml(compared([warmStandby({ result: nothing }), activeActive()]));
    expect(one).to.include('not measured');
  });

  it('takes names, reasons and places for text, whatever they are', () => {
    const name = `</title><script>alert("1")</script>&'`;
    const reasons = [name];
    const planted = compareHtml(
      compared([warmStandby({ name, result: { reasons, verdict: 'fail' } }), backupRestore()]),
    );
    expect(planted).not.to.include('<script');
    expect(planted).to.include('&lt;script&gt;');
    expect(parse(planted).problems).to.deep.equal([]);
  });
});
