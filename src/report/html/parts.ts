// Parts that every page is made of: sections, lists, tables, what is folded.
import type { SeriesResult } from '../../verdict/series.ts';
import { capital } from '../../measure/words.ts';
import { drillFacts } from '../summary/verdict-words.ts';
import { escapeHtml } from './style.ts';

/** Cells of more words may break; figures, names and ids stay in one piece. */
const LONG = 18;
/** Tables of more columns are printed in small letters. */
const WIDE = 8;

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => {
    const kind = (cell: string) => {
      if (cell.length <= LONG) return '';
      return cell.includes(' ') ? ' class="long"' : ' class="id"';
    };
    return row.map((cell) => `<${tag}${kind(cell)}>${escapeHtml(cell)}</${tag}>`).join('');
  };
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  const heads = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  return scrolled(
    `<table class="${head.length > WIDE ? 'plain wide' : 'plain'}"><thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody></table>`,
    head.join(', '),
  );
}

export function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

export function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>`);
  return section(title, `<ul>\n${lines.join('\n')}\n</ul>`);
}

/** Nothing where nothing is said of the drill. */
export function drillLines(drill: SeriesResult['drill']): string {
  const lines = drillFacts(drill).map(([name, words]) => escapeHtml(`${capital(name)}: ${words}`));
  return lines.map((line) => `<p class="facts">${line}</p>`).join('\n');
}

export function details(title: string, text: string): string {
  return `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(text)}</pre></details>`;
}

/** What may be wider than a phone; keys scroll it too. */
export function scrolled(body: string, label: string): string {
  if (body === '') return '';
  const reached = `role="group" tabindex="0" aria-label="${escapeHtml(label)}"`;
  return `<div class="scroll" ${reached}>${body}</div>`;
}
