// The data loss of a run as text: every write, integrity violations, the second opinion.
import { formatDuration } from '../../base/units.ts';
import { STORES } from '../../drill/stores.ts';
import type { Paint } from '../../screen/paint.ts';
import { count, formatBytes, formatCount, padStart, wrap } from '../../screen/text.ts';
import type { ResultLoss, ResultStoreLoss } from '../../verdict/result.ts';

/** Classes and marks that are integrity violations when they are not zero. */
const VIOLATIONS = [
  ['unexpected', 'present although refused or never sent'],
  ['corrupt', 'present with another payload'],
  ['duplicated', 'present more than once'],
  ['diverged', 'not the same in both serving databases, or wiped out of a shared row'],
  ['split_brain', 'acknowledged by the old side after the new one took over'],
  ['wrong_reads', 'reads that missed a row that had been acknowledged'],
] as const satisfies readonly (readonly [keyof ResultStoreLoss, string])[];

const IDS_SHOWN = 8;
const NAME_WIDTH = 12;

/** What there is to say of the counts, beside them; of two stores each with its name. */
export function lossSentences(loss: ResultLoss): string[] {
  return storesOf(loss).flatMap(({ title, part }, _, { length }) => {
    const violations = violationsOf(part).map(({ name, writes, meaning }) => {
      return `${formatCount(writes)} ${name.replaceAll('_', ' ')}: ${meaning}.`;
    });
    const said = [...violations, ...sentences(part)];
    return length < 2 ? said : said.map((sentence) => `${title}: ${sentence}`);
  });
}

export function lossSections(loss: ResultLoss, width: number, paint: Paint): string[][] {
  const stores = storesOf(loss);
  if (stores.length < 2) return [lossSection('Writes', loss, width, paint)];
  return stores.map(({ title, part }) => lossSection(`Writes to ${title}`, part, width, paint));
}

function storesOf({ stores }: ResultLoss) {
  return Object.values(STORES).flatMap(({ written, title }) => {
    const part = stores[written];
    return part === undefined ? [] : [{ title, part }];
  });
}

function lossSection(title: string, loss: ResultStoreLoss, width: number, paint: Paint): string[] {
  const rows: (readonly [number, string])[] = [
    [loss.acknowledged, `acknowledged  ${acknowledgedWords(loss, paint)}`],
    [loss.unknown, `unknown       ${unknownWords(loss)}`],
    [loss.refused, 'refused       answered with an error'],
    [loss.unsent, 'unsent        no region that would take them, or no answer of DNS'],
  ];
  const counts = rows.filter(([n], i) => n > 0 || i === 0);
  const violations = violationsOf(loss);
  const numbers = [...counts.map(([n]) => n), ...violations.map(({ writes }) => writes)];
  const digits = Math.max(...numbers.map((n) => formatCount(n).length));
  return [
    paint('bold', title),
    ...counts.map(([n, words]) => `  ${padStart(formatCount(n), digits)}  ${words}`.trimEnd()),
    ...violations.flatMap(({ name, writes, meaning }) =>
      wrap(meaning, width - digits - NAME_WIDTH - 6).map((line, i) => {
        const number = i === 0 ? formatCount(writes) : '';
        const label = (i === 0 ? name : '').padEnd(NAME_WIDTH);
        return `  ${padStart(number, digits)}  ${paint('bad', `${label}  ${line}`)}`;
      }),
    ),
    ...sentences(loss).flatMap((sentence) =>
      wrap(sentence, width - 2).map((line) => `  ${paint('dim', line)}`),
    ),
  ];
}

/** Those that there are; one whose number is not known is none of them. */
function violationsOf(loss: ResultStoreLoss) {
  return VIOLATIONS.flatMap(([name, meaning]) => {
    const writes = loss[name] ?? 0;
    return writes > 0 ? [{ name, writes, meaning }] : [];
  });
}

function acknowledgedWords(loss: ResultStoreLoss, paint: Paint): string {
  const parts = [`${formatCount(loss.kept)} kept`];
  if (loss.late > 0) parts.push(`${formatCount(loss.late)} late`);
  if (loss.intended > 0) parts.push(`${formatCount(loss.intended)} undone on purpose`);
  const lost = `${formatCount(loss.lost)} lost`;
  parts.push(loss.lost > 0 ? paint('bad', lost) : lost);
  return parts.join(', ');
}

function unknownWords(loss: ResultStoreLoss): string {
  return `${formatCount(loss.recovered)} recovered, ${formatCount(loss.vanished)} vanished`;
}

function sentences(loss: ResultStoreLoss): string[] {
  const lines: string[] = [];
  if (loss.lost > 0) {
    const reach = rpoWords(loss);
    lines.push(`Lost: ${formatBytes(loss.lost_bytes)} of payload${reach}.`);
    const more = loss.lost > IDS_SHOWN ? ` and ${formatCount(loss.lost - IDS_SHOWN)} more` : '';
    const ids = loss.lost_ids.slice(0, IDS_SHOWN).join(' ');
    const order = 'in the order of their acknowledgements';
    lines.push(`Ids (writer-sequence), ${order}: ${ids}${more}.`);
  }
  if (loss.unknown > 0) {
    lines.push(
      'Unknown: no answer came, so nothing was promised. Recovered: the row is there; ' +
        'vanished: it is not.',
    );
  }
  const { split_brain_low: least = 0, split_brain_missing: missing } = loss;
  if (missing !== undefined) {
    const known =
      least === 0 ? 'not measured' : `at least ${formatCount(least)}, more not measured`;
    lines.push(`Split-brain writes: ${known}, since ${missing}.`);
  }
  const second = secondOpinion(loss);
  return second === null ? lines : [...lines, second];
}

function rpoWords({ rpo_ms, rpo_high_ms, split_brain }: ResultStoreLoss): string {
  if (rpo_ms === null) return '';
  const beyond =
    rpo_high_ms !== null && rpo_high_ms > rpo_ms ? ` (at most ${formatDuration(rpo_high_ms)})` : '';
  const reach = `${formatDuration(rpo_ms)}${beyond}`;
  if (split_brain === null) return `, acknowledged within ${reach}`;
  // What the old side went on to acknowledge was lost too.
  if (split_brain > 0) return `, acknowledged within ${reach}, also after the fault`;
  return `, acknowledged in the last ${reach} before the fault`;
}

/** Null where there was none to ask. */
function secondOpinion({ second, second_missing }: ResultStoreLoss): string | null {
  if (second === null) {
    return second_missing === null ? null : `No second opinion: ${second_missing}.`;
  }
  const { only_old, agrees, never_durable } = second;
  const rows = `${count(only_old, 'row')} ${only_old === 1 ? 'is' : 'are'}`;
  const found = `Second opinion: ${rows} on the old primary only`;
  const durable =
    never_durable > 0 ? ` ${count(never_durable, 'lost write')} had never been durable there.` : '';
  if (!agrees) {
    return `${found}, and not all are lost or unknown: the counts disagree.${durable}`;
  }
  const why = only_old === 0 ? '' : `, ${explained(only_old, second.unknown)}`;
  return `${found}${why}: the counts agree.${durable}`;
}

/** A row that is neither lost nor unknown makes the counts disagree, so no other class is left. */
function explained(rows: number, unknown: number | undefined): string {
  if (unknown === undefined) return 'each of a lost or an unknown write';
  const isOne = rows === 1;
  if (unknown === 0) return isOne ? 'of a lost write' : 'all of lost writes';
  if (unknown < rows) return `${rows - unknown} of lost writes and ${unknown} of unknown ones`;
  return `${isOne ? 'of an unknown write' : 'all of unknown writes'}, which nobody was promised`;
}
