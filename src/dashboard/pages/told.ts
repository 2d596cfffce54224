// A run of another machine: what that machine has told the shared history. Its evidence lies there.
import type { PastRun } from '../../archive/history/history.ts';
import { writeMinute } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import { toldWords, valueWords } from '../../report/history/words.ts';
import { section, tableOf } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { verdictWord } from '../../report/summary/verdict-words.ts';
import type { Frame } from './frame.ts';

/** Null where it is none of another machine. */
export function toldPage(run: PastRun | undefined): Frame | null {
  if (run?.told === undefined) return null;
  const { id, drill, verdict, gates, at, runtime, told } = run;
  const rows = gates.map((gate) => [
    gate.name,
    valueWords(gate.measured, gate),
    quantity(gate.target, gate.unit),
    gate.verdict,
  ]);
  const facts = [
    id,
    `began ${writeMinute(at)} UTC`,
    `${drill.strategy} on ${runtime ?? 'nothing'}`,
  ];
  const body = `<h1>${escapeHtml(drill.name)}</h1>
<p class="warn-word" role="note">${escapeHtml(toldWords(told))}</p>
<p>${verdictWord(verdict)}, as told. Its evidence lies on that machine.</p>
<p class="facts">${escapeHtml(facts.join(' · '))}</p>
${section('Targets', tableOf(['', 'measured', 'target', ''], rows))}`;
  return { title: `${drill.name} on ${told.machine}`, body };
}
