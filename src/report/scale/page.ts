// One drill at several sizes as one HTML page that needs nothing else: the picture first, then all
// figures, the lines, and what they say of a size that was not measured.
import { writeSize } from '../../base/units.ts';
import type { Scale } from '../../verdict/scale.ts';
import { sheetTable } from '../compare/html-table.ts';
import { whysOf } from '../compare/sheet.ts';
import { htmlDocument } from '../html/document.ts';
import { list, scrolled, section } from '../html/parts.ts';
import { escapeHtml } from '../html/style.ts';
import { SCALE_STYLE, scaleChart, scaleLegend } from './chart.ts';
import {
  extrapolatedRows,
  extrapolatedTitle,
  LINE_HEAD,
  lineNotes,
  lineRows,
  measuredNotes,
  titleText,
} from './words.ts';

const TITLE = 'Recovery against the size of the data';
const PICTURE = 'Times against topology.data';
/** Cells of more words may break. */
const LONG = 30;

export function scaleHtml(scale: Scale): string {
  const drills = scale.sizes.map(({ drill }) => drill);
  const directories = drills.flatMap(({ runs }) => runs.map(({ directory }) => directory));
  const heads = ['topology.data', ...scale.sizes.map(({ bytes }) => writeSize(bytes))];
  const figures = scrolled(sheetTable(drills, heads.map(escapeHtml)), 'Measured');
  const lines = namedTable('How it grows', LINE_HEAD, lineRows(scale));
  const body = `<h1>${TITLE}</h1>
<p class="facts">${escapeHtml(titleText(scale))}</p>
${picture(scale)}
${section('Measured', `${figures}\n${notes(measuredNotes(scale))}`)}
${section('How it grows', `${lines}\n${notes(lineNotes(scale))}`)}
${extrapolated(scale)}
${list('Why not all passed', whysOf({ drills }))}
<footer>
<p>Evidence: ${directories.map((each) => `<code>${escapeHtml(each)}</code>`).join(', ')}</p>
</footer>`;
  return htmlDocument({ title: TITLE, style: SCALE_STYLE, body });
}

function picture(scale: Scale): string {
  const chart = scaleChart(scale);
  return chart === '' ? '' : `${scaleLegend(scale)}\n${scrolled(chart, PICTURE)}`;
}

function extrapolated(scale: Scale): string {
  const title = extrapolatedTitle(scale);
  return title === null ? '' : section(title, namedTable(title, [], extrapolatedRows(scale)));
}

function notes(texts: readonly string[]): string {
  return texts.map((text) => `<p class="facts">${escapeHtml(text)}</p>`).join('\n');
}

/** The first cell of a row is its name. */
function namedTable(
  label: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const heads = head.map((cell) =>
    cell === '' ? '<td></td>' : `<th scope="col">${escapeHtml(cell)}</th>`,
  );
  const lines = rows.map(([name = '', ...cells]) => {
    const data = cells.map((cell) => {
      return `<td${cell.length > LONG ? ' class="words"' : ''}>${escapeHtml(cell)}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(name)}</th>${data.join('')}</tr>`;
  });
  const top = heads.length === 0 ? '' : `<thead><tr>${heads.join('')}</tr></thead>`;
  return scrolled(`<table>${top}<tbody>\n${lines.join('\n')}\n</tbody></table>`, label);
}
