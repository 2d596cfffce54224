// What tests of pages ask a page in a browser. It is text, since the types of this project know no
// document.
import type { Page } from 'playwright-core';

export interface Drawn {
  readonly zero: { readonly x: number; readonly y: number };
  readonly dots: readonly { bytes: number; ms: number; x: number; y: number }[];
  readonly lines: readonly { isRto: boolean; top: number; right: number; colour: string }[];
}

/** In pixels: where the axes meet, the middle of each dot, the upper end of each line. */
export const DRAWN = `(() => {
  const box = (each) => each.getBoundingClientRect();
  const level = [...document.querySelectorAll('line.grid')].filter((each) => {
    return each.getAttribute('y1') === each.getAttribute('y2');
  }).map(box);
  return {
    zero: { x: level[0].left, y: Math.max(...level.map(({ top }) => top)) },
    dots: [...document.querySelectorAll('circle.dot')].map((each) => ({
      bytes: Number(each.dataset.bytes), ms: Number(each.dataset.ms),
      x: (box(each).left + box(each).right) / 2, y: (box(each).top + box(each).bottom) / 2,
    })),
    lines: [...document.querySelectorAll('path.fit')].map((each) => ({
      isRto: each.matches('.rto'), top: box(each).top, right: box(each).right,
      colour: getComputedStyle(each).stroke,
    })),
  };
})()`;

/** What is not shown. */
export const HIDDEN = `[...document.querySelectorAll('main *, body > *')]
  .filter((each) => each.closest('title, script, defs, .zoom') === null)
  .filter((each) => !each.checkVisibility({ contentVisibilityAuto: true }))
  .map((each) => each.outerHTML.slice(0, 80))`;
/** What reaches beyond the right edge. */
export const CUT = `[...document.querySelectorAll('td, th, svg, pre, p')]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))`;

export interface Shaded {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly fill: string;
  readonly faults: readonly { readonly from_ms: number; readonly to_ms: number }[];
}

/** Of each drawing, its faults in the time that its axis says: between the ends of its lines across. */
export const SHADED = `[...document.querySelectorAll('svg[data-from]')].map((svg) => {
  const [from, to] = [Number(svg.dataset.from), Number(svg.dataset.to)];
  const box = svg.viewBox.baseVal;
  const [left, right] = [70, box.width - 20];
  const ms = (x) => from + ((x - left) / (right - left)) * (to - from);
  const faults = [...svg.querySelectorAll('.fault')];
  return {
    label: svg.getAttribute('aria-label'), from, to,
    fill: faults.length > 0 ? getComputedStyle(faults[0]).fill : '',
    faults: faults.map(({ x, width }) => ({
      from_ms: ms(x.baseVal.value), to_ms: ms(x.baseVal.value + width.baseVal.value),
    })),
  };
})`;

/** Each text that is shown, and how large it is on the screen; a drawing is scaled. */
export async function textSizes(page: Page): Promise<{ text: string; px: number }[]> {
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
