// A run whose evidence cannot be read, as HTML: what its result says, and what cannot be shown.
import type { Result } from '../../verdict/result.ts';
import { saidOf } from '../summary/said.ts';
import { headline, verdictWord } from '../summary/verdict-words.ts';
import { list } from './parts.ts';
import { escapeHtml } from './style.ts';

export interface UnreadRun {
  readonly result: Result;
  /** Why there is nothing to draw. */
  readonly problem: string;
}

export function unreadArticle({ result, problem }: UnreadRun): string {
  const { drill, verdict, id, started_at } = result;
  const unread = [
    `The evidence of this run cannot be read: ${problem}`,
    'Its course, its charts and its settings are therefore not shown.',
  ];
  const footer = [`run ${id}`, started_at].filter((part) => part !== '').join(' · ');
  const sections = [
    `<header>
<p class="badge ${verdict}">${verdictWord(verdict)}</p>
<h1>${escapeHtml(drill.name)}</h1>
<p class="headline">${escapeHtml(headline(result))}</p>
</header>`,
    list('What cannot be read', unread),
    list(verdict === 'pass' ? 'Remarks' : 'Why', result.reasons),
    ...saidOf(result).map(({ title, sentences }) => list(title, sentences)),
    `<footer><p>${escapeHtml(footer)}</p></footer>`,
  ];
  return `<article>\n${sections.filter((each) => each !== '').join('\n')}\n</article>`;
}
