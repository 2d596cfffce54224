// What is said of packed evidence: a line for each thing that was checked, and whether it is to be
// believed. What is not vouched for never reads like what is.
import { quantity } from '../../../drill/gate/gate.ts';
import type { Predicate } from '../../../evidence/pack/statement.ts';
import { gateMeasured } from '../../../verdict/gate-words.ts';
import { count, printable, table } from '../../../screen/text.ts';
import type { Verified } from '../../../session/pack/verify.ts';

const INDENT = '  ';
const NOBODY = 'nobody vouches for the key: it came with the pack';

/** Ends with a newline. */
export function verifiedText(verified: Verified, isVouched: boolean): string {
  const { checks, statement, isWhole } = verified;
  const rows = checks.map(({ isOk, what, text }) => [isOk ? 'ok' : 'NO', what, printable(text)]);
  const unvouched = isVouched
    ? []
    : [['NO', 'key', `${NOBODY}; --key FILE names one that you trust`]];
  const lines = table([...rows, ...unvouched]).map((line) => INDENT + line);
  const isBelieved = isWhole && isVouched;
  // A verdict that nobody vouches for stands nowhere by itself.
  const said = isBelieved && statement !== null ? verdictLines(statement.predicate) : [];
  const last = isBelieved
    ? 'To be believed: it is what the key signed, and the verdict follows from it.'
    : `Not to be believed: ${whyNot(verified)}.`;
  return [...lines, '', ...said, last, ''].join('\n');
}

function whyNot({ checks, isWhole }: Verified): string {
  if (isWhole) return NOBODY;
  const wrong = checks.filter(({ isOk }) => !isOk);
  const more = wrong.length > 1 ? `, and ${count(wrong.length - 1, 'more thing')}` : '';
  return `${printable(wrong[0]?.text ?? 'nothing was checked')}${more}`;
}

/** What the evidence says of each run, or of each drill of a series. */
export function verdictLines({ runs, series, packed_at, packed_by }: Predicate): string[] {
  const drills = series?.drills ?? [];
  const inSeries = (name: string) => drills.some(({ drill }) => drill === name);
  const lines = [
    ...drills.flatMap(({ drill, verdict, controls, made, planned, gates }) => [
      `${drill}: ${verdict}, ${made} of ${planned} trials${controlWords(controls)}`,
      ...gates.map(({ name, met, target, unit, verdict: own }) => {
        const of = quantity(target, unit);
        return `${INDENT}${name}: ${own}, met by ${met} of ${planned}, target ${of}`;
      }),
    ]),
    ...runs
      .filter(({ drill }) => !inSeries(drill))
      .flatMap(({ drill, run, verdict, controls, started_at, gates }) => [
        `${drill}: ${verdict}, run ${run} of ${started_at}${controlWords(controls)}`,
        ...gates.map((gate) => {
          const { name, unit, verdict: own } = gate;
          const target = quantity(gate.target, unit);
          return `${INDENT}${name}: ${own}, ${gateMeasured(gate)}, target ${target}`;
        }),
      ]),
    `packed at ${packed_at} by drill ${packed_by}`,
  ];
  return lines.map(printable);
}

function controlWords(controls: readonly string[]): string {
  return controls.length === 0 ? '' : `; controls ${controls.join(', ')}`;
}

/** For another program. `believed` is the answer; the statement is null where it is not. */
export function verifiedJson(verified: Verified, isVouched: boolean): string {
  const { checks, statement, keyid, isWhole } = verified;
  const value = {
    schema: 'drill.verified/1',
    believed: isWhole && isVouched,
    vouched: isVouched,
    keyid,
    checks: checks.map(({ what, isOk, text }) => ({ what, ok: isOk, text })),
    predicate: isWhole ? (statement?.predicate ?? null) : null,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
