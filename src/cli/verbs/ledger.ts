// `drill ledger`: every operation of a run with its outcome and class, so that anyone can count the
// loss again.
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import { EvidenceError } from '../../evidence/evidence-error.ts';
import { roleWritten, STORES, type StoreRole } from '../../drill/stores.ts';
import {
  RUN_FILES,
  STORE_FILES,
  type Evidence,
  type StoreEvidence,
} from '../../evidence/evidence.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import { classesOf } from '../../measure/failback/failback-loss.ts';
import { CLASS_NAMES } from '../../drill/measurement.ts';
import { regionOf } from '../../base/node-name.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { askedRun, outOption, runPositional } from '../run-options.ts';
import type { CliContext, Verb } from '../verb.ts';

const CHUNK_CHARACTERS = 64 * 1024;
const KINDS = Object.keys(OPERATION_KIND);
const OUTCOMES = Object.keys(OUTCOME);
const FILTERS = [...new Set([...OUTCOMES, ...CLASS_NAMES])];
const FORMATS = ['csv', 'ndjson'] as const;
type Format = (typeof FORMATS)[number];

export const ledgerVerb: Verb = {
  command: 'ledger [run]',
  positionals: { run: runPositional },
  options: {
    format: { choices: [...FORMATS], default: 'csv', describe: 'One line for each operation' },
    only: { choices: FILTERS, describe: 'Only operations of this class or outcome' },
    store: {
      choices: Object.values(STORES).map(({ written }) => written),
      describe: 'Only operations of this store',
    },
    to: { describe: 'Write to this file instead of stdout' },
    out: outOption,
  },
  examples: [
    ['drill ledger --only lost', 'the acknowledged writes that the latest run lost'],
    ['drill ledger --store redis --only lost', 'the same, of the second store alone'],
    ['drill ledger latest --format ndjson --to operations.ndjson', 'everything, to a file'],
  ],
  run: async (args, context) => {
    const { screen, directory, interrupt } = context;
    const place = await askedRun(args, context);
    const only = typeof args['only'] === 'string' ? args['only'] : null;
    const evidence = readLedgers(place, roleWritten(args['store']) ?? null);
    const chunks = chunksOf(exportLines(evidence, args['format'] as Format, only));
    const file = typeof args['to'] === 'string' ? resolve(directory, args['to']) : null;
    if (file !== null) writeFile(file, chunks);
    else {
      for (const chunk of chunks) {
        screen.stdout.write(chunk);
        await setImmediate(); // whoever reads may have had enough (`| head`): time to notice
        if (interrupt.aborted) break;
      }
    }
    return tellDamage(evidence, context) ? EXIT.inconclusive : EXIT.pass;
  },
};

/** Half an export looks like a whole one. */
function tellDamage({ stores, problems }: Evidence, { screen }: CliContext): boolean {
  const files = stores.map(({ store }) => RUN_FILES[STORE_FILES[store].ledger] as string);
  const damaged = problems.filter(({ file }) => files.includes(file));
  for (const { file, problem } of damaged) {
    screen.stderr.write(
      `drill: ${file} is damaged: ${problem}; what is exported is not all of it\n`,
    );
  }
  return damaged.length > 0;
}

/** The ledgers of all stores, or of `only` one of them. Part of what was asked for is nothing. */
function readLedgers(place: string, only: StoreRole | null): Evidence {
  const evidence = readEvidence(place);
  const { stores, problems } = evidence;
  const readable = stores.find(({ operations }) => operations !== null);
  const wanted = stores.filter(({ store }) => only === null || store === only);
  if (wanted.length === 0) {
    throw new EvidenceError(`the system of ${place} has no ${STORES[only!].written}`);
  }
  const missing = wanted.find(({ operations }) => operations === null);
  if (missing === undefined) return { ...evidence, stores: wanted };
  const name = RUN_FILES[STORE_FILES[missing.store].ledger];
  const problem = problems.find(({ file }) => file === name)?.problem;
  const message = problem ?? `${place} has no ${name}: no workload ran in it`;
  if (readable === undefined || only !== null) throw new EvidenceError(message);
  const hint = `--store ${STORES[readable.store].written}   exports what can be read`;
  throw new UserError(message, { hint, exitCode: EXIT.inconclusive });
}

/** The lines put together, so that few of the writes are small. */
function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function writeFile(file: string, chunks: Iterable<string>): void {
  const isNew = !existsSync(file);
  const fd = orUnwritable(file, () => openSync(file, 'w'));
  try {
    for (const chunk of chunks) orUnwritable(file, () => writeFileSync(fd, chunk));
  } catch (error) {
    // Half an export looks like a whole one.
    if (isNew) rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function orUnwritable<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = `${file} cannot be written: ${(error as Error).message}`;
    throw new UserError(message, { exitCode: EXIT.environment });
  }
}

export const LEDGER_COLUMNS = [
  ...['store', 'kind', 'writer', 'sequence', 'scheduled_ms', 'sent_ms', 'done_ms'],
  ...['outcome', 'region', 'class', 'sent_at'],
] as const;

/**
 * The lines of the export, each with its line end; in CSV a heading first. What is not known is
 * empty, or null.
 */
function* exportLines(evidence: Evidence, format: Format, only: string | null): Generator<string> {
  const { stores } = evidence;
  const classes = stores.map((store) => classesOf(evidence, store));
  const isOpen = classes.some((each) => each === null || !each.isWhole);
  if (only !== null && !OUTCOMES.includes(only) && isOpen) {
    const message = `no operation has the class "${only}": what survived in this run is not known`;
    throw new UserError(message, { exitCode: EXIT.inconclusive });
  }
  const started = evidence.events.find(({ event }) => event === 'run.started');
  const began_ms = started?.event === 'run.started' ? Date.parse(started.at) - started.t : NaN;
  if (format === 'csv') yield `${LEDGER_COLUMNS.join(',')}\n`;
  for (const [at, store] of stores.entries()) {
    yield* storeLines(store, classes[at]?.classes ?? null, began_ms, format, only);
  }
}

function* storeLines(
  { operations, header }: StoreEvidence,
  classes: Uint8Array | null,
  began_ms: number,
  format: Format,
  only: string | null,
): Generator<string> {
  if (operations === null || header === null) return;
  const regions = header.nodes.map(regionOf);
  for (let row = 0; row < operations.count; row++) {
    const outcome = OUTCOMES[operations.outcome.at(row)]!;
    const className = classes === null ? null : (CLASS_NAMES[classes[row]!] ?? null);
    if (only !== null && only !== outcome && only !== className) continue;
    const values = [
      header.store,
      KINDS[operations.kind.at(row)]!,
      operations.writer.at(row),
      operations.sequence.at(row),
      time(operations.scheduled_ms.at(row)),
      time(operations.sent_ms.at(row)),
      time(operations.done_ms.at(row)),
      outcome,
      regions[operations.node.at(row)] ?? null,
      className,
      wallClock(began_ms + operations.sent_ms.at(row)),
    ];
    yield format === 'csv' ? `${values.map((value) => value ?? '').join(',')}\n` : ndjson(values);
  }
}

function ndjson(values: readonly (string | number | null)[]): string {
  const entries = LEDGER_COLUMNS.map((column, at) => [column, values[at]]);
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

/** The time to the microsecond. */
function time(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1000) / 1000;
}

/** By the wall clock of the machine, for whoever looks into other logs: to some milliseconds. */
function wallClock(ms: number): string | null {
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
