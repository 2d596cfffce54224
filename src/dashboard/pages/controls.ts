// Buttons of whoever has signed in. Each is a form of its own, which no other page can send.
import { escapeHtml } from '../../report/html/style.ts';
import type { Asked } from '../../session/operator/standing.ts';

const WORDS: Readonly<Record<string, string>> = {
  declare: 'Declare the disaster',
  confirm: 'Confirm',
};

/** Of a run that goes on; `asked` is what it waits for. */
export function runControls(id: string, asked: Asked | null): string {
  const words = asked === null ? undefined : WORDS[asked.order];
  const answer = words === undefined ? '' : answerTo(asked!, words);
  const halt = '<button class="danger" name="order" value="halt">Halt: heal and clean up</button>';
  return `<form method="post" action="/runs/${id}/order" class="controls">${answer}${halt}</form>`;
}

/** It answers that question alone: another may be asked by the time it is sent. */
function answerTo({ order, question }: Asked, words: string): string {
  const about = `<input type="hidden" name="about" value="${escapeHtml(question)}">`;
  return `${about}<button name="order" value="${order}">${escapeHtml(words)}</button>`;
}

/** Of a game day that waits. */
export function dayControls(id: string): string {
  return `<form method="post" action="/gamedays/${id}/approve" class="controls">
<button>Agree to it</button></form>`;
}
