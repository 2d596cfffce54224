// The figures of drills side by side as a table of HTML, a column for each drill.
import type { ComparedDrill } from '../../verdict/comparison.ts';
import { escapeHtml } from '../html/style.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { sheetOf } from './sheet.ts';

/** `heads` is HTML: of the names of the rows, and of each drill. */
export function sheetTable(drills: readonly ComparedDrill[], heads: readonly string[]): string {
  const verdicts = drills.map(
    ({ verdict }) => `<td class="verdict ${verdict}">${verdictWord(verdict)}</td>`,
  );
  const sections = sheetOf({ drills }).map(({ title, rows }) => {
    const span = `<tr class="section"><th colspan="${drills.length + 1}">${title ?? ''}</th></tr>`;
    const lines = rows.map(({ label, kind, cells }) => {
      const head = `<th scope="row">${escapeHtml(label)}</th>`;
      const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`);
      return `<tr class="${kind}">${head}${data.join('')}</tr>`;
    });
    return [...(title === null ? [] : [span]), ...lines].join('\n');
  });
  return [
    `<table><thead><tr>${heads.map(columnHead).join('')}</tr></thead>`,
    `<tbody><tr><th scope="row">verdict</th>${verdicts.join('')}</tr>`,
    ...sections,
    '</tbody></table>',
  ].join('\n');
}

/** `head` is HTML; one that says nothing heads no column. */
function columnHead(head: string): string {
  return head === '' ? '<td></td>' : `<th scope="col">${head}</th>`;
}
