// `drill judge`: measures and judges a run again from its files alone, and says whether the stored
// result agrees.
import { basename } from 'node:path';
import { stateOf } from '../../archive/run-list.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { runFile } from '../../evidence/run-files.ts';
import { isThere } from '../../host/files.ts';
import { count, table } from '../../screen/text.ts';
import { judgeRun, type Judged, type StoredResult } from '../../session/judge.ts';
import { judgeRestoreAgain, writeRestore } from '../../session/restore/judge-restore.ts';
import { BROKE_OFF } from '../../verdict/judge.ts';
import { gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import { writeResult } from '../../verdict/assess.ts';
import type { Result } from '../../verdict/result.ts';
import { EXIT, worstExit } from '../../verdict/exit-code.ts';
import {
  askedRun,
  outOption,
  restoreNamed,
  runOrRestorePositional,
  runsOf,
} from '../run-options.ts';
import { cleanCommand } from '../session-of.ts';
import type { CliContext, Verb } from '../verb.ts';
import { restoreText } from './restore/text.ts';

const DIFFERENCES_MAX = 20;

export const judgeVerb: Verb = {
  command: 'judge [run]',
  positionals: { run: runOrRestorePositional },
  options: {
    json: { type: 'boolean', describe: 'The recomputed result as JSON' },
    out: outOption,
  },
  examples: [
    ['drill judge', 'the latest run'],
    ['drill judge .drill/runs/latest --json', 'the recomputed result, for another program'],
  ],
  run: async (args, context) => {
    const runs = await runsOf(args, context);
    const isJson = args['json'] === true;
    const restore = restoreNamed(runs, String(args['run']), context.directory);
    if (restore !== null) return judgeRestored(restore, isJson, context);
    return judge(await askedRun(args, context), isJson, context);
  },
};

function judgeRestored(place: string, isJson: boolean, { screen }: CliContext): number {
  const { stdout, stderr } = screen;
  try {
    const { result, stored } = judgeRestoreAgain(place);
    stdout.write(isJson ? writeRestore(result) : restoreText(result, stdout.hasColour));
    (isJson ? stderr : stdout).write(storedText(stored));
    const agrees = stored.state !== 'differs';
    return worstExit([EXIT[result.verdict], agrees ? EXIT.pass : EXIT.inconclusive]);
  } catch (error) {
    return unjudged(error, stderr);
  }
}

function unjudged(error: unknown, stderr: CliContext['screen']['stderr']): number {
  if (!(error instanceof EvidenceError)) throw error;
  stderr.write(`${error.message}\n`);
  return EXIT.inconclusive;
}

/** A result that does not agree with its evidence is no pass, whatever it says. */
function judge(place: string, isJson: boolean, context: CliContext): number {
  const { stdout, stderr } = context.screen;
  let judged: Judged;
  try {
    judged = judgeRun(place);
  } catch (error) {
    return unjudged(error, stderr);
  }
  const { result, stored } = judged;
  stdout.write(isJson ? writeResult(result) : verdictLines(result, basename(place)));
  (isJson ? stderr : stdout).write(cleanedText(place, result, context) + storedText(stored));
  const agrees = stored.state !== 'differs';
  return worstExit([EXIT[result.verdict], agrees ? EXIT.pass : EXIT.inconclusive]);
}

/** The verdict with its reasons, and what was counted for it. `id`: what a journal says, or not. */
function verdictLines({ id, verdict, reasons, gates, loss }: Result, folder: string): string {
  const measured = gates.map((gate) => [
    `  ${gate.name}`,
    gateMeasured(gate),
    gateTarget(gate),
    gate.verdict,
  ]);
  const counted = Object.entries(loss?.stores ?? {}).map(([store, own]) => {
    const { acknowledged, kept, lost, unknown, recovered, vanished } = own;
    const writes = `${count(acknowledged, 'acknowledged write')}: ${kept} kept, ${lost} lost`;
    const rest = `${unknown} unknown: ${recovered} recovered, ${vanished} vanished`;
    return `  ${store}: ${writes}; ${rest}`;
  });
  return [
    `${id === '' ? folder : id}: ${verdict}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...table(measured),
    ...counted,
    '',
  ].join('\n');
}

/** What of a run that broke off may be left, by its undo log: its evidence ended before. */
function cleanedText(place: string, { reasons }: Result, context: CliContext): string {
  if (!reasons.includes(BROKE_OFF) || !isThere(runFile(place, 'undo'))) return '';
  const state = stateOf(place);
  if (state === 'finished') return 'It was cleaned up since.\n';
  const clean = cleanCommand({ id: basename(place), directory: place }, context);
  return state === 'stopped' ? `To clean up what it left: ${clean}\n` : '';
}

function storedText(stored: StoredResult): string {
  if (stored.state === 'absent') return 'There is no stored result to compare with.\n';
  if (stored.state === 'agrees') return 'The stored result.json agrees with the evidence.\n';
  const more = stored.differences.length - DIFFERENCES_MAX;
  const lines = [
    'The stored result.json does not agree with the evidence:',
    ...stored.differences.slice(0, DIFFERENCES_MAX).map(({ text }) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
