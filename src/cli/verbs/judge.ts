// `drill judge`: measures and judges a run again from its files alone, and says whether the stored
// result agrees.
import { existsSync, readFileSync } from 'node:fs';
import { EvidenceError } from '../../evidence/ledger/record.ts';
import { readEvidence, runFile } from '../../evidence/run-files.ts';
import type { Output } from '../../screen/screen.ts';
import { assess, writeResult } from '../../verdict/assess.ts';
import type { Result } from '../../verdict/result.ts';
import { EXIT, exitOf, worstExit } from '../exit-code.ts';
import { askedRun, outOption, runPositional } from '../runs-of.ts';
import type { Verb } from '../verb.ts';

const DIFFERENCES_MAX = 20;

export const judgeVerb: Verb = {
  command: 'judge [run]',
  summary: 'Compute a run’s result again from its files',
  positionals: { run: runPositional },
  options: {
    json: { type: 'boolean', describe: 'The recomputed result as JSON' },
    out: outOption,
  },
  examples: [
    ['drill judge', 'the latest run'],
    ['drill judge .drill/runs/latest --json', 'the recomputed result, for another program'],
  ],
  run: async (args, context) => {
    const { screen } = context;
    const place = await askedRun(args, context);
    const isJson = args['json'] === true;
    return judgeRun(place, isJson, screen.stdout, screen.stderr);
  },
};

/** A result that does not agree with its evidence is no pass, whatever it says. */
function judgeRun(place: string, isJson: boolean, stdout: Output, stderr: Output): number {
  let result: Result;
  try {
    result = assess(readEvidence(place));
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    stderr.write(`${error.message}\n`);
    return EXIT.inconclusive;
  }
  const comparison = compare(runFile(place, 'result'), result);
  const words = isJson ? stderr : stdout;
  if (isJson) stdout.write(writeResult(result));
  else stdout.write(verdictLines(result));
  words.write(comparison.text);
  return worstExit([exitOf(result.verdict), comparison.agrees ? EXIT.pass : EXIT.inconclusive]);
}

function verdictLines({ id, verdict, reasons }: Result): string {
  return [`${id}: ${verdict}`, ...reasons.map((reason) => `  ${reason}`), ''].join('\n');
}

function compare(
  file: string,
  result: Result,
): { readonly agrees: boolean; readonly text: string } {
  if (!existsSync(file)) {
    return { agrees: true, text: 'There is no stored result to compare with.\n' };
  }
  const text = readFileSync(file, 'utf8');
  const again = writeResult(result);
  if (text === again) {
    return { agrees: true, text: 'The stored result.json agrees with the evidence.\n' };
  }
  const lines = ['The stored result.json does not agree with the evidence:'];
  try {
    const differences = differencesOf(JSON.parse(text), JSON.parse(again), '');
    if (differences.length === 0) differences.push('the values are the same, the text differs');
    lines.push(...differences.slice(0, DIFFERENCES_MAX).map((one) => `  ${one}`));
    const more = differences.length - DIFFERENCES_MAX;
    if (more > 0) lines.push(`  and ${more} more`);
  } catch {
    lines.push('  it is not JSON');
  }
  return { agrees: false, text: `${lines.join('\n')}\n` };
}

/** `loss.lost: stored 3, recomputed 4`, one for each value that differs. */
function differencesOf(stored: unknown, again: unknown, path: string): string[] {
  if (!isTree(stored) || !isTree(again)) {
    if (Object.is(stored, again)) return [];
    return [`${path}: stored ${shown(stored)}, recomputed ${shown(again)}`];
  }
  const keys = new Set([...Object.keys(stored), ...Object.keys(again)]);
  return [...keys].flatMap((key) => {
    return differencesOf(stored[key], again[key], path === '' ? key : `${path}.${key}`);
  });
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
