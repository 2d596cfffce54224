// `drill salvage`: the rows that only the lost region's disk held, for somebody to put back.
import { existsSync } from 'node:fs';
import { findRun } from '../archive/run-list.ts';
import { EvidenceError } from '../evidence/record.ts';
import { runFile } from '../evidence/run-files.ts';
import { readSalvage, type SalvagedRow } from '../evidence/salvage.ts';
import { count, printable, table, truncate } from '../screen/text.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from './exit-code.ts';
import { outOption, runsOf } from './runs-of.ts';
import type { Verb } from './verb.ts';

const PAYLOAD_SHOWN = 32;
const INDENT = 2;

export const salvageVerb: Verb = {
  command: 'salvage [run]',
  summary: 'List the rows that only the lost region’s disk held',
  positionals: {
    run: {
      type: 'string',
      default: 'latest',
      describe: 'An id or its beginning, the name of a drill, a path, or latest',
    },
  },
  options: {
    json: { type: 'boolean', describe: 'Whole rows, one JSON object a line' },
    out: outOption,
  },
  examples: [
    ['drill salvage', 'what the latest run could have put back'],
    ['drill salvage latest --json > rows.ndjson', 'whole rows, for another program'],
  ],
  run: async (args, context) => {
    const { screen, directory } = context;
    const place = findRun(await runsOf(args, context), String(args['run']), directory);
    const rows = readOrThrow(place);
    if (args['json'] === true) {
      for (const row of rows) screen.stdout.write(`${JSON.stringify(row)}\n`);
    } else screen.stdout.write(tableOf(rows, screen.stdout.columns()));
    return EXIT.pass;
  },
};

function readOrThrow(place: string): readonly SalvagedRow[] {
  const file = runFile(place, 'salvage');
  if (!existsSync(file)) return [];
  try {
    const { values, problems } = readSalvage(file);
    if (problems.length === 0) return values;
    throw new EvidenceError(`${file} is damaged: ${problems.join('; ')}`);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UserError(error.message, { exitCode: EXIT.inconclusive });
  }
}

function tableOf(rows: readonly SalvagedRow[], columns: number): string {
  if (rows.length === 0) return 'Nothing was found on the lost region’s disk alone.\n';
  const lines = table(
    rows.map(({ writer, sequence, region, created, payload }) => [
      `${writer}-${sequence}`,
      region,
      created,
      truncate(printable(payload), PAYLOAD_SHOWN),
    ]),
    { width: columns - INDENT },
  );
  const indented = lines.map((line) => ' '.repeat(INDENT) + line);
  return `${count(rows.length, 'row')} only on the lost region’s disk:\n${indented.join('\n')}\n`;
}
