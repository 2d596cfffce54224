// What the page of a comparison is made of besides its contents: text as HTML, and a style sheet
// that is readable on light and dark grounds and on paper.
import { printable } from '../../screen/text.ts';
import { PHASE_MEANINGS } from '../summary/recovery-section.ts';

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1c2024; --soft: #5b6470; --line: #d8dde3; --stripe: #f4f6f8;
  --good: #11682f; --bad: #b3261e; --warn: #8a5300;
  --detect: #e8a33d; --decide: #8b95a1; --fence: #d681b4; --promote: #2f7fc1; --restore: #5aaee0;
  --start: #2f9e77; --redirect: #cdb82f; --reconnect: #d9663a; --stabilise: #8468c4;
  --failover: #4f9d9a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --text: #e6e9ec; --soft: #9aa4af; --line: #343b43; --stripe: #1c2126;
    --good: #5fcf85; --bad: #ff8a80; --warn: #f0b85c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 66rem; background: var(--ground); color: var(--text);
  font: 16px/1.45 system-ui, sans-serif;
}
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.facts, footer, footer p { color: var(--soft); margin: 0; }
footer { margin-top: 2rem; font-size: .9rem; }
/* So wide that its letters can be read on a phone, where it scrolls. */
svg { display: block; width: 100%; min-width: 56rem; max-width: 66rem; height: auto; }
svg { font: 13px system-ui, sans-serif; }
svg text { fill: var(--text); }
svg .strategy { font-weight: 600; font-size: 15px; }
svg .label, svg .tick { fill: var(--soft); }
svg .tick { text-anchor: middle; }
svg .value { font-weight: 600; font-size: 15px; }
svg .name { text-anchor: middle; fill: #101214; }
svg .grid { stroke: var(--line); }
svg .phase { fill: var(--soft); stroke: var(--ground); stroke-width: 1; }
svg .waiting { fill: url(#hatch); stroke: var(--soft); stroke-dasharray: 4 3; }
svg .hatch { fill: var(--line); }
svg .whisker { stroke: var(--text); stroke-width: 2; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.swatch { width: .9rem; height: .9rem; border-radius: 2px; background: var(--soft); }
.swatch.waiting {
  background: repeating-linear-gradient(45deg, var(--line) 0 3px, transparent 3px 6px);
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { text-align: right; }
thead th { text-align: right; vertical-align: bottom; white-space: normal; }
thead .label { overflow-wrap: anywhere; }
thead th:first-child, tbody th { text-align: left; font-weight: 400; }
thead .label { display: block; font-weight: 400; color: var(--soft); }
tr.figure th, tr.figure td { font-weight: 600; }
tr.detail th { color: var(--soft); padding-left: 1.4rem; }
tr.section th { font-weight: 600; background: var(--stripe); }
.verdict { font-weight: 700; color: var(--warn); }
.verdict.pass { color: var(--good); }
.verdict.fail, .verdict.internal { color: var(--bad); }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
${Object.keys(PHASE_MEANINGS).map(phaseRules).join('\n')}
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; } .scroll { overflow: visible; }
  svg { min-width: 0; } table { font-size: .82em; } th, td { padding: .15rem .35rem; }
  td, th { white-space: normal; }
}
`;

function phaseRules(name: string): string {
  return `svg .phase-${name} { fill: var(--${name}); }
.swatch.phase-${name} { background: var(--${name}); }`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute; what cannot be shown is left out. */
export function escapeHtml(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
