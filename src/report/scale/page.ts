// One drill at several sizes as one HTML page that needs nothing else: the picture first, then all
// figures, the lines, and what they say of a size that was not measured.
import type { Scale } from '../../verdict/scale.ts';
import { whysOf } from '../compare/sheet.ts';
import { htmlDocument } from '../html/document.ts';
import { list, scrolled, section, tableOf } from '../html/parts.ts';
import { escapeHtml } from '../html/style.ts';
import { SCALE_STYLE, scaleChart, scaleLegend } from './chart.ts';
import {
  extrapolatedRows,
  extrapolatedTitle,
  LINE_HEAD,
  lineNotes,
  lineRows,
  measuredRows,
  titleText,
} from './words.ts';

const TITLE = 'Recovery against the size of the data';

export function scaleHtml(scale: Scale): string {
  const { head, rows } = measuredRows(scale);
  const drills = scale.sizes.map(({ drill }) => drill);
  const directories = drills.flatMap(({ runs }) => runs.map(({ directory }) => directory));
  const extrapolated = extrapolatedTitle(scale);
  const chart = scaleChart(scale);
  const notes = lineNotes(scale).map((note) => `<p class="facts">${escapeHtml(note)}</p>`);
  const picture =
    chart === '' ? '' : `${scaleLegend(scale)}\n${scrolled(chart, 'Times against topology.data')}`;
  const further = tableOf(['', 'value'], extrapolatedRows(scale));
  const body = `<h1>${TITLE}</h1>
<p class="facts">${escapeHtml(titleText(scale))}</p>
${picture}
${section('Measured', tableOf(head, rows))}
${section('How it grows', `${tableOf(LINE_HEAD, lineRows(scale))}\n${notes.join('\n')}`)}
${extrapolated === null ? '' : section(extrapolated, further)}
${list('Why not all passed', whysOf({ drills }))}
<footer>
<p>Evidence: ${directories.map((each) => `<code>${escapeHtml(each)}</code>`).join(', ')}</p>
</footer>`;
  return htmlDocument({ title: TITLE, style: SCALE_STYLE, body });
}
