// A message for people: what happened in a line, and at the end of a game day what was promised
// and measured.
import { writeMinute } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import type { Message } from '../../evidence/message-form.ts';
import { standingWords, stopWords, tallyWords } from '../../report/gameday/words.ts';
import { verdictWord } from '../../report/summary/verdict-words.ts';
import { count } from '../../screen/text.ts';

export type Said = Omit<Message, 'schema' | 'id' | 'text'>;

type SaidDrill = Message['drills'][number];

const REASONS = 3;
const REASON_LENGTH = 300;

export function wordsOf(said: Said): string {
  return [headline(said), ...linesOf(said)].join('\n');
}

/** One line: of a mail its subject. */
function headline({ event, gameday, drill, drills }: Omit<Said, 'at'>): string {
  const { name, due_at } = gameday;
  const due = due_at === null ? '' : `, due ${writeMinute(due_at)} UTC`;
  const of = drill?.name ?? '';
  switch (event) {
    case 'started':
      return `Game day ${name} has begun: ${count(drills.length, 'drill')}`;
    case 'declared':
      return `Game day ${name}: the disaster of ${of} was declared (${drill?.detail ?? ''})`;
    case 'ended':
      return `Game day ${name} has ended: ${endWords({ gameday, drills })}`;
    case 'missed':
      return `Game day ${name}${due}, was missed`;
    case 'blocked':
      return `Game day ${name}${due}, did not begin`;
    case 'unclean':
      return `Game day ${name}: ${of} left something on the machine`;
    case 'stale':
      return `${of} of game day ${name} is stale: ${drill?.detail ?? ''}`;
    case 'test':
      return `This is a test: messages of game day ${name} arrive here`;
  }
}

function endWords({ gameday: { verdict }, drills }: Pick<Said, 'gameday' | 'drills'>): string {
  const judged = verdict === null ? '' : `${verdictWord(verdict)}, `;
  return `${judged}${tallyWords({ drills })}`;
}

function linesOf(said: Said): string[] {
  const { event, gameday, drill, drills } = said;
  const stop = gameday.stop === null ? [] : [stopWords(gameday)];
  const people = peopleWords(gameday.roles);
  const record = gameday.id === null ? [] : [`drill gameday show ${gameday.id}`];
  switch (event) {
    case 'started':
      return [...drills.map(({ name }) => `- ${name}`), ...people];
    case 'ended':
      return [...drills.flatMap(drillLines), ...stop, ...people, ...record];
    case 'missed':
    case 'blocked':
      return [...stop, ...people];
    case 'unclean':
      return [drill?.detail ?? '', 'drill clean'];
    default:
      return [];
  }
}

function drillLines(drill: SaidDrill): string[] {
  const { name, outcome } = drill;
  const gates = (outcome?.gates ?? []).map(({ name, unit, bound, target, decided, verdict }) => {
    const none = verdict === 'fail' ? 'never' : 'not measured';
    const measured = decided === null ? none : quantity(decided, unit);
    const promised = `promised ${bound} ${quantity(target, unit)}`;
    return `  ${name}: ${measured}, ${promised}${verdict === 'pass' ? '' : ` – ${verdict}`}`;
  });
  const isPass = outcome === null || outcome.verdict === 'pass';
  const reasons = isPass ? [] : outcome.reasons.slice(0, REASONS);
  return [
    `- ${name}: ${standingWords(drill)}`,
    ...gates,
    ...reasons.map((reason) => `  ${reason.slice(0, REASON_LENGTH)}`),
  ];
}

function peopleWords({ owner, on_call }: Said['gameday']['roles']): string[] {
  const people = [owner && `owner: ${owner}`, on_call && `on call: ${on_call}`].filter(Boolean);
  return people.length === 0 ? [] : [people.join(', ')];
}
