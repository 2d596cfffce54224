// A comparison as one HTML page that needs nothing else: no script, no font, no picture from
// anywhere. The bars of the RTO first, then the table, then what is needed to trust the numbers.
import type { ComparedDrill, Comparison } from '../../verdict/comparison.ts';
import { compareChart, compareLegend } from './chart.ts';
import {
  conditionsText,
  differenceText,
  extentText,
  hasOwnNames,
  phaseNames,
  remarksOf,
  sheetOf,
  whysOf,
} from './sheet.ts';
import { htmlDocument } from '../html/document.ts';
import { scrolled } from '../html/parts.ts';
import { escapeHtml } from '../html/style.ts';
import { PHASE_MEANINGS } from '../summary/recovery-section.ts';
import { verdictWord } from '../summary/verdict-words.ts';

const TITLE = 'Recovery strategies, measured';
export function compareHtml(comparison: Comparison): string {
  const { drills, differences, conditions } = comparison;
  const phases = phaseNames(drills).map((name) => `${name}: ${PHASE_MEANINGS[name] ?? ''}`);
  const directories = drills.flatMap(({ runs }) => runs.map(({ directory }) => directory));
  const alike = Object.entries(conditions).map(([key, value]) => `${key}: ${value}`);
  const body = `<h1>${TITLE}</h1>
<p class="facts">${escapeHtml(extentText(comparison))}</p>
<p class="facts">${escapeHtml(conditionsText(comparison))}</p>
${chartSection(drills)}
<h2>All figures</h2>
${scrolled(figures(comparison), 'All figures')}
${list('What each phase is', phases)}
${list('Not alike in all drills', differences.map(differenceText))}
${list('Why not all passed', whysOf(comparison))}
${list('Alike in all drills', alike)}
<footer>
${remarksOf(comparison)
  .map((remark) => `<p>${escapeHtml(remark)}</p>`)
  .join('\n')}
<p>Evidence: ${directories.map((each) => `<code>${escapeHtml(each)}</code>`).join(', ')}</p>
</footer>`;
  return htmlDocument({ title: TITLE, body });
}

function chartSection(drills: readonly ComparedDrill[]): string {
  const chart = compareChart(drills);
  if (chart === '') return '';
  const isRepeated = drills.some(({ runs }) => runs.length > 1);
  const note = isRepeated
    ? 'A bar is the median run; the line below its end spans all runs with their error bars.'
    : 'The line below the end of a bar is its error bar.';
  return `<h2>RTO, by phase</h2>
${compareLegend(drills)}
${scrolled(chart, 'RTO, by phase')}
<p class="facts">${note}</p>`;
}

function figures(comparison: Comparison): string {
  const { drills } = comparison;
  const isNamed = hasOwnNames(drills);
  const heads = drills.map(({ strategy, label }) => {
    const name = isNamed ? `<span class="label">${escapeHtml(label)}</span>` : '';
    return `<th scope="col">${escapeHtml(strategy)}${name}</th>`;
  });
  const verdicts = drills.map(
    ({ verdict }) => `<td class="verdict ${verdict}">${verdictWord(verdict)}</td>`,
  );
  const sections = sheetOf(comparison).map(({ title, rows }) => {
    const span = `<tr class="section"><th colspan="${drills.length + 1}">${title ?? ''}</th></tr>`;
    const lines = rows.map(({ label, kind, cells }) => {
      const head = `<th scope="row">${escapeHtml(label)}</th>`;
      const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`);
      return `<tr class="${kind}">${head}${data.join('')}</tr>`;
    });
    return [...(title === null ? [] : [span]), ...lines].join('\n');
  });
  return [
    `<table><thead><tr><th></th>${heads.join('')}</tr></thead>`,
    `<tbody><tr><th scope="row">verdict</th>${verdicts.join('')}</tr>`,
    ...sections,
    '</tbody></table>',
  ].join('\n');
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>`);
  return `<h2>${title}</h2>\n<ul>\n${lines.join('\n')}\n</ul>`;
}
