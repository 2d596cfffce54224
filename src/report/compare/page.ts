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
  whysOf,
} from './sheet.ts';
import { sheetTable } from './html-table.ts';
import { htmlDocument } from '../html/document.ts';
import { scrolled } from '../html/parts.ts';
import { escapeHtml } from '../html/style.ts';
import { PHASE_MEANINGS } from '../summary/recovery-section.ts';

const TITLE = 'Recovery strategies, measured';

export function compareHtml(comparison: Comparison): string {
  return htmlDocument({ title: TITLE, body: compareBody(comparison) });
}

/** What stands in the page. */
export function compareBody(comparison: Comparison): string {
  const { drills, differences, conditions } = comparison;
  const phases = phaseNames(drills).map((name) => `${name}: ${PHASE_MEANINGS[name] ?? ''}`);
  const directories = drills.flatMap(({ runs }) => runs.map(({ directory }) => directory));
  const alike = Object.entries(conditions).map(([key, value]) => `${key}: ${value}`);
  return `<h1>${TITLE}</h1>
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

function figures({ drills }: Comparison): string {
  const isNamed = hasOwnNames(drills);
  const heads = drills.map(({ strategy, label }) => {
    const name = isNamed ? `<span class="label">${escapeHtml(label)}</span>` : '';
    return `${escapeHtml(strategy)}${name}`;
  });
  return sheetTable(drills, ['', ...heads]);
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>`);
  return `<h2>${title}</h2>\n<ul>\n${lines.join('\n')}\n</ul>`;
}
