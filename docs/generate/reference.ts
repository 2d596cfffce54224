// The text of docs/reference.md, from the schema, the registries and the types that the code itself
// goes by.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, EXIT_MEANINGS } from '../../src/verdict/exit-code.ts';
import type { Argument } from '../../src/cli/verb.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { LEDGER_COLUMNS } from '../../src/cli/verbs/ledger.ts';
import { doctorChecks } from '../../src/doctor/machine.ts';
import { faultExtensions, recoveryExtensions } from '../../src/drill/explain/extensions.ts';
import { METRIC_NAMES, METRICS } from '../../src/drill/condition.ts';
import { RUNTIME_NAMES } from '../../src/drill/file/runtimes.ts';
import { configJsonSchema, drillJsonSchema } from '../../src/drill/file/schema.ts';
import { GATES } from '../../src/drill/gate/registry.ts';
import { restoreFileJsonSchema } from '../../src/drill/restore/schema.ts';
import { EVENTS } from '../../src/evidence/event.ts';
import { RUN_FILES } from '../../src/evidence/evidence.ts';
import { CLASS_NAMES } from '../../src/drill/measurement.ts';
import { FAILURE_CODES } from '../../src/measure/measured.ts';
import { REPORTERS } from '../../src/report/reporters.ts';
import { isNeeded } from '../../src/topology/machine-check.ts';
import { cell, code, tableText } from './markdown.ts';
import { extensionSection } from './extensions.ts';
import { CHECKS, CLASSES, COLUMNS, FILES, RESULT } from './meanings.ts';
import { schemaRows } from './schema-keys.ts';
import { commentsOf, innerMembers, membersOf, parentsOf, type Member } from './type-keys.ts';

const INTRODUCTION = `# Reference

This file is generated from the code by \`npm run docs\`; a test fails when it is out of date. Words are explained in
[glossary.md](glossary.md).
`;

export async function referenceText(): Promise<string> {
  const sections = [
    INTRODUCTION,
    drillFileSection(),
    configSection(),
    restoreFileSection(),
    gatesSection(),
    extensionSection(
      'Faults',
      'What `faults[].kind` can be. Each has `at`, `when`, `wait_at_most`, `repeat` and `disaster` too; not those on the operators. ' +
        'Behind a key: its type, and what it is where a drill file says nothing. `drill list faults KIND` shows one with an example.',
      faultExtensions(),
    ),
    conditionsSection(),
    extensionSection('Recoveries', 'What `recover.with` can be.', recoveryExtensions()),
    await verbsSection(),
    reportersSection(),
    exitSection(),
    filesSection(),
    ledgerSection(),
    resultSection(),
    failureSection(),
    eventsSection(),
    await doctorSection(),
  ];
  return `${sections.map((section) => section.trim()).join('\n\n')}\n`;
}

function drillFileSection(): string {
  const rows = schemaRows(drillJsonSchema());
  return `## The drill file

\`NAME\` stands for a name that you choose, \`[]\` for each entry of a list. \`--set KEY=VALUE\` and the variable
\`DRILL_KEY\` (in capitals, \`_\` for each dot) give a key another value: \`--set targets.rto=5s\`,
\`DRILL_TARGETS_RTO=5s\`. A later one wins: defaults, \`drill.config.yaml\`, the drill file,
variables, flags.

A duration is written \`250ms\`, \`2.5s\`, \`5m\` or \`1h\`; a rate \`200/s\`; a size \`256B\`, \`4KiB\` or \`1MiB\`; a percentage \`99%\`.

${tableText({ head: ['key', 'type', 'default', 'meaning'], rows })}`;
}

function configSection(): string {
  const rows = schemaRows(configJsonSchema()).map(([key, type, , meaning]) => [
    key!,
    type!,
    meaning!,
  ]);
  return `## drill.config.yaml

It stands in the folder in which \`drill\` is called, and holds what all drill files there share.

${tableText({ head: ['key', 'type', 'meaning'], rows })}`;
}

function restoreFileSection(): string {
  const head = ['key', 'type', 'default', 'meaning'];
  return `## Restore file

What \`drill restore\` reads: see [backups.md](backups.md).

${tableText({ head, rows: schemaRows(restoreFileJsonSchema()) })}`;
}

function gatesSection(): string {
  const counts = { ms: 'time', writes: 'writes', share: 'share' } as const;
  const rows = GATES.map(({ name, unit, bound, target }) => [
    code(`targets.${name}`),
    counts[unit],
    bound,
    cell(target.description ?? ''),
  ]);
  return `## Gates

A gate is a target that is measured and judged.

${tableText({ head: ['key', 'what it counts', 'the target is', 'meaning'], rows })}`;
}

function conditionsSection(): string {
  const rows = METRIC_NAMES.map((name) => {
    return [code(name), code(METRICS[name].unit.suffix), cell(METRICS[name].meaning)];
  });
  return `## Conditions

What \`stop_when\` and \`faults[].when\` are held against: a metric, \`<\` or \`>\`, a value, and \`for\` with a duration where it
has to hold for so long. Each is of the last second, of all clients.

${tableText({ head: ['metric', 'unit', 'what it is'], rows })}`;
}

async function verbsSection(): Promise<string> {
  const loaded = verbs.map(async (entry) => ({ summary: entry.summary, ...(await entry.load()) }));
  const parts = (await Promise.all(loaded)).map((verb) => {
    const positionals = Object.entries(verb.positionals).map(([name, one]) => {
      return [code(name), optionWords(one)];
    });
    const options = Object.entries(verb.options).map(([name, one]) => {
      const isBare = verb.bare?.includes(name) === true;
      const value = one.type === 'boolean' ? '' : one.type === 'number' ? ' N' : ' VALUE';
      const optional = one.type === 'number' ? '[=N]' : '[=FILE]';
      return [code(`--${name}${isBare ? optional : value}`), optionWords(one)];
    });
    const rows = [...positionals, ...options];
    const table =
      rows.length === 0 ? '' : `\n\n${tableText({ head: ['argument', 'meaning'], rows })}`;
    return `### drill ${verb.command}\n\n${verb.summary}.${table}`;
  });
  return `## Verbs

Every verb also takes \`--help\`, \`--color=always|auto|never\` and \`--no-color\`.

${parts.join('\n\n')}`;
}

function optionWords({ describe = '', choices, default: value }: Argument): string {
  const listed = choices === undefined ? '' : `: ${choices.join(', ')}`;
  const usual = value === undefined || value === false ? '' : ` (default ${String(value)})`;
  return `${cell(describe)}${listed}${usual}.`.replace(/\.\.$/, '.');
}

function reportersSection(): string {
  const rows = REPORTERS.map(({ name, summary, writes }) => [
    code(name),
    summary,
    writes === 'progress' ? 'the standard error' : 'the standard output, or a file: `name=FILE`',
  ]);
  return `## Reporters

What \`--reporter\` can be; several are given with commas: \`--reporter plain,junit=drill.xml\`. The summary is printed besides.

${tableText({ head: ['name', 'what it writes', 'where to'], rows })}`;
}

function exitSection(): string {
  const rows = EXIT_MEANINGS.map(([name, meaning]) => [String(EXIT[name]), name, meaning]);
  return `## Exit codes

Of several drills in one command the worst wins, in the order 70, 130, 1, 5, 4, 3, 0. Code 2 starts nothing, so it is always
alone.

${tableText({ head: ['code', 'verdict', 'when'], rows })}`;
}

function filesSection(): string {
  const rows = Object.entries(RUN_FILES).map(([key, file]) => [
    code(file),
    FILES[key as keyof typeof RUN_FILES],
  ]);
  return `## Files of a run

A run is a folder \`.drill/runs/ID\`. Not every run has every file.

${tableText({ head: ['file', 'what it holds'], rows })}`;
}

function ledgerSection(): string {
  const columns = LEDGER_COLUMNS.map((name) => [code(name), COLUMNS[name]]);
  const classes = CLASS_NAMES.map((name) => [code(name), CLASSES[name]]);
  return `## The ledger

The columns of \`drill ledger\`:

${tableText({ head: ['column', 'meaning'], rows: columns })}

The classes:

${tableText({ head: ['class', 'meaning'], rows: classes })}`;
}

const source = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)), 'utf8');

const RESULT_SOURCES = [
  ...['verdict/result.ts', 'drill/measurement.ts', 'drill/by-fault.ts', 'drill/unprotected.ts'],
  'drill/run-facts.ts',
];

function resultSection(): string {
  const text = RESULT_SOURCES.map(source).join('');
  const rows = resultRows(text, membersOf(text, 'Result'), '', new Map());
  return `## result.json

Also what \`--json\` prints. Times are milliseconds; null means that it was not measured.

${tableText({ head: ['key', 'meaning'], rows })}`;
}

/** An interface that is used in several places is listed in the first one; `seen` says where. */
function resultRows(
  text: string,
  members: readonly Member[],
  path: string,
  seen: Map<string, string>,
): string[][] {
  return members.flatMap(({ name, type, comment }) => {
    const key = path === '' ? name : `${path}.${name}`;
    const isList = type.startsWith('readonly') || type.endsWith('[]');
    const inside = isList ? `${key}[]` : key;
    const used = /^(?:readonly )?([A-Z]\w+)(?:\[\])?(?: \| null)?$/.exec(type)?.[1] ?? '';
    const first = seen.get(used);
    const meaning = cell(comment === '' ? (RESULT[key] ?? '') : comment);
    const keys = first === undefined ? '' : `Its keys are those of ${code(first)}.`;
    const row = [code(key), `${meaning} ${keys}`.trim()];
    if (first !== undefined) return [row];
    const inner = innerMembers(type) ?? interfaceMembers(text, used, inside, seen);
    return [row, ...(inner === null ? [] : resultRows(text, inner, inside, seen))];
  });
}

function interfaceMembers(
  text: string,
  name: string,
  path: string,
  seen: Map<string, string>,
): Member[] | null {
  if (name === '' || !new RegExp(`interface ${name}[ {]`).test(text)) return null;
  const names = [...parentsOf(text, name), name];
  for (const each of names) seen.set(each, path);
  return names.flatMap((each) => membersOf(text, each));
}

function failureSection(): string {
  const rows = Object.entries(FAILURE_CODES).map(([name, meaning]) => [code(name), meaning]);
  return `## Failure codes

What \`failures[].code\` in \`result.json\` can be. A code is never used for something else, and never renamed. \`text\` is the sentence of
the report; \`store\`, \`step\` and \`gate\` are there where they belong to it.

${tableText({ head: ['code', 'meaning'], rows })}`;
}

function eventsSection(): string {
  const comments = commentsOf(source('evidence/event.ts'), 'EVENTS');
  const rows = Object.entries(EVENTS).map(([name, body]) => {
    const keys = Object.keys(body).map(code).join(', ');
    return [code(name), keys, cell(comments.get(name)!)];
  });
  return `## Events

The lines of \`journal.ndjson\`. Each has \`t\`, milliseconds since the start of the run, and \`event\`, its name.

${tableText({ head: ['event', 'keys', 'meaning'], rows })}`;
}

async function doctorSection(): Promise<string> {
  const rows = (await doctorChecks()).map((check) => {
    const meaning = CHECKS[check.name];
    if (meaning === undefined) throw new Error(`docs: no meaning for the check ${check.name}`);
    const on = RUNTIME_NAMES.filter((runtime) =>
      isNeeded(check, { runtime, redis: true, descriptors: 0 }),
    );
    return [check.name, meaning, on.join(', ')];
  });
  return `## Doctor checks

What \`drill doctor\` looks at. A drill on another runtime can do without it.

${tableText({ head: ['check', 'what it looks at', 'needed on'], rows })}`;
}
