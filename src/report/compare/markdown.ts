// A comparison as Markdown: one table, and below it what is needed to trust the numbers.
import type { Comparison } from '../../verdict/comparison.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { remarksOf, whysOf } from './remarks.ts';
import { hasOwnNames, sheetOf } from './sheet.ts';
import { conditionsText, differenceText, extentText } from './words.ts';

export function compareMarkdown(comparison: Comparison): string {
  const { drills } = comparison;
  const none = drills.map(() => '');
  const names = drills.map(({ label }) => escaped(label));
  const verdicts = drills.map(({ verdict }) => verdictWord(verdict));
  const strategies = drills.map(({ strategy }) => escaped(strategy));
  const sections = sheetOf(comparison).flatMap(({ title, rows }) => [
    ...(title === null ? [] : [row(`_${title}_`, none)]),
    ...rows.map(({ label, kind, cells }) => {
      const texts = cells.map(escaped);
      return row(label, kind === 'figure' ? texts.map(strong) : texts);
    }),
  ]);
  const alignment = drills.map(() => '--:');
  const table = [
    row('strategy', strategies),
    row(':--', alignment),
    ...(hasOwnNames(drills) ? [row('drill', names)] : []),
    row('verdict', verdicts),
    ...sections,
  ];
  const list = [
    ...comparison.differences.map((one) => `Not alike: ${differenceText(one)}`),
    ...whysOf(comparison),
    ...remarksOf(comparison),
  ].map((item) => `- ${escaped(item)}`);
  const facts = [extentText(comparison), conditionsText(comparison)].filter((one) => one !== '');
  const parts = [table.join('\n'), escaped(facts.join(' · ')), list.join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function row(label: string, cells: readonly string[]): string {
  return `| ${[label, ...cells].join(' | ')} |`;
}

function strong(text: string): string {
  return text === '' ? '' : `**${text}**`;
}

/** Text that Markdown takes for nothing but text. */
function escaped(text: string): string {
  return text.replaceAll(/[\\|`<>[\]*]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ');
}
