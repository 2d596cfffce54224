// `drill salvage`: the rows that only the lost region's disk held, for somebody to put back.
import { CLASS_NAMES, type ClassName } from '../../drill/measurement.ts';
import { STORES } from '../../drill/stores.ts';
import { existsSync } from 'node:fs';
import type { RunEvent } from '../../evidence/event.ts';
import { readJournal } from '../../evidence/journal.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { readEvidence, runFile } from '../../evidence/run-files.ts';
import { NOT_SALVAGED, readSalvage, type SalvagedRow } from '../../evidence/salvage.ts';
import { classesOf } from '../../measure/failback/failback-loss.ts';
import { idOf } from '../../measure/loss/classify.ts';
import { writeId } from '../../measure/words.ts';
import { count, printable, table, truncate } from '../../screen/text.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { askedRun, outOption, runPositional } from '../run-options.ts';
import type { Verb } from '../verb.ts';

const PAYLOAD_SHOWN = 32;
const INDENT = 2;

export const salvageVerb: Verb = {
  command: 'salvage [run]',
  positionals: { run: runPositional },
  options: {
    json: { type: 'boolean', describe: 'Whole rows, one JSON object a line' },
    out: outOption,
  },
  examples: [
    ['drill salvage', 'what the latest run could have put back'],
    ['drill salvage latest --json > rows.ndjson', 'whole rows, for another program'],
  ],
  run: async (args, context) => {
    const { screen } = context;
    const place = await askedRun(args, context);
    const rows = withClasses(place, readRows(place));
    if (args['json'] === true) {
      for (const row of rows) screen.stdout.write(`${JSON.stringify(row)}\n`);
    } else screen.stdout.write(tableOf(rows, screen.stdout.columns()));
    return EXIT.pass;
  },
};

function readRows(place: string): readonly SalvagedRow[] {
  const file = runFile(place, 'salvage');
  const { events } = readJournal(runFile(place, 'journal'));
  const missing = whyMissing(events);
  if (missing !== null)
    throw new EvidenceError(`what only the lost region had is not known: ${missing}`);
  const { values, problems } = existsSync(file) ? readSalvage(file) : NOTHING;
  if (problems.length > 0) throw new EvidenceError(`${file} is damaged: ${problems.join('; ')}`);
  const told = events.findLast((event) => event.event === 'rows.salvaged')?.rows ?? 0;
  if (values.length === told) return values;
  const found = `${count(told, 'row')} of it were kept, it has ${values.length}`;
  throw new EvidenceError(`${file} is damaged: ${found}`);
}

/** A row with the class of its write: only `lost` was promised to somebody. */
type ClassedRow = SalvagedRow & { readonly class: ClassName | null };

function withClasses(place: string, rows: readonly SalvagedRow[]): ClassedRow[] {
  const evidence = readEvidence(place);
  const store = evidence.stores.find((each) => STORES[each.store].isSalvaged);
  const classes = (store === undefined ? null : classesOf(evidence, store)?.classes) ?? [];
  const byId = new Map<string, ClassName>();
  for (const [row, code] of classes.entries()) {
    const name = CLASS_NAMES[code];
    if (name !== undefined) byId.set(writeId(idOf(store!.operations!, row)), name);
  }
  return rows.map((row) => ({ ...row, class: byId.get(writeId(row)) ?? null }));
}

const NOTHING = { values: [], problems: [] };

/** Why nobody can say what stood on the disk alone; a list without rows would say that none did. */
function whyMissing(events: readonly RunEvent[]): string | null {
  const failed = events.find(
    (event) =>
      event.event === 'run.noted' &&
      // An older journal has the words alone.
      (event.about === 'salvage' || event.text.startsWith(NOT_SALVAGED)),
  );
  if (failed?.event === 'run.noted') return failed.text;
  const read = events.findLast(
    (event) =>
      event.event === 'survivors.read' &&
      event.reading === 'old-primary' &&
      STORES[event.store].isSalvaged,
  );
  if (read?.event !== 'survivors.read') return 'the lost region’s disk was not read';
  return read.ok ? null : read.detail;
}

/** What somebody who is to put rows back has to know of each. */
const MEANINGS: Readonly<Partial<Record<ClassName, string>>> = {
  lost: 'lost',
  vanished: 'unknown, never promised',
};

function tableOf(rows: readonly ClassedRow[], columns: number): string {
  if (rows.length === 0) return 'Nothing was found on the lost region’s disk alone.\n';
  const lines = table(
    rows.map(({ writer, sequence, region, created, payload, class: name }) => [
      `${writer}-${sequence}`,
      name === null ? 'of no known class' : (MEANINGS[name] ?? name),
      region,
      created,
      truncate(printable(payload), PAYLOAD_SHOWN),
    ]),
    columns - INDENT,
  );
  const indented = lines.map((line) => ' '.repeat(INDENT) + line);
  return `${count(rows.length, 'row')} only on the lost region’s disk:\n${indented.join('\n')}\n`;
}
