// What every report of a run says in sentences besides its numbers, from one list, so that no form
// leaves out what another one says.
import { hasDisaster } from '../../drill/plan/clock.ts';
import { printable } from '../../screen/text.ts';
import type { Gate, Result } from '../../verdict/result.ts';
import { BY_FAULT, byFaultSentences } from './by-fault-words.ts';
import { furtherSentences } from './further-sections.ts';
import { lossSentences } from './loss-section.ts';
import { recoveryFacts } from './recovery-section.ts';
import { notProvedBy } from './surroundings-words.ts';

/** What has sections of its own where there is room. */
export const FURTHER = 'Further';

export interface Said {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** Below the verdict, its reasons and the targets; what has nothing to say is left out. */
export function saidOf(result: Result): Said[] {
  const { recovery, loss, notes, drill } = result;
  const all: readonly Said[] = [
    { title: 'Not judged', sentences: openReasons(result) },
    { title: 'Notes', sentences: notes },
    { title: 'Cleaned up', sentences: cleanedWords(result) },
    {
      title: hasDisaster(drill) ? 'About the recovery' : 'About the service',
      sentences: recovery === null ? [] : recoveryFacts({ recovery, drill }),
    },
    { title: BY_FAULT, sentences: byFaultSentences(result) },
    { title: 'About the writes', sentences: loss === null ? [] : lossSentences(loss) },
    { title: FURTHER, sentences: furtherSentences(result) },
    { title: 'What one run does not prove', sentences: notProvedBy(result) },
  ];
  return all.filter(({ sentences }) => sentences.length > 0);
}

/** Whether a gate is open for a reason of its own, which then stands in place of a margin. */
export function isOpen({ verdict, reason }: Gate): boolean {
  return verdict === 'inconclusive' && reason !== null;
}

/** Once each: several gates often stay open for one and the same reason. */
export function openReasons({ gates, reasons }: Result): string[] {
  const open = new Set(gates.filter(isOpen).map(({ reason }) => printable(reason ?? '')));
  return [...open].filter((why) => !reasons.includes(why));
}

/** What is left of the run, and what was meant to be. */
function cleanedWords({ cleanup, kept, against }: Result): string[] {
  const left = cleanup?.left ?? [];
  const state =
    cleanup === null
      ? 'Nobody saw the clean-up end: `drill clean` looks for what is left.'
      : cleanup.clean
        ? 'All that the run started, made and broke was ended, removed and healed.'
        : 'The clean-up did not do all of its work: `drill clean` tries again.';
  return [
    state,
    ...left.map((each) => `left behind: ${each}`),
    ...(against === null ? [] : [`The system of ${against} was drilled, and is up still.`]),
    ...(kept.length === 0 ? [] : [`kept on request: ${kept.map(({ node }) => node).join(', ')}`]),
  ];
}
