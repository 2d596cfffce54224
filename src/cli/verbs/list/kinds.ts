// `drill list faults` and `drill list recoveries`: what there is, each with its settings; and one
// of them alone, with what it needs, what proves it and an example.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guessHint } from '../../../base/closest.ts';
import { ABILITIES } from '../../../drill/ability.ts';
import { isOfOperators } from '../../../drill/fault/registry.ts';
import {
  commonSettings,
  faultExtensions,
  recoveryExtensions,
  type Extension,
  type FaultExtension,
  type Setting,
  type Settings,
} from '../../../drill/explain/extensions.ts';
import { RUNTIME_NAMES, RUNTIMES } from '../../../drill/file/runtimes.ts';
import { parseDrill } from '../../../drill/parse-drill.ts';
import { outcomeOf } from '../../../drill/plan/disaster.ts';
import { shortPath } from '../../../report/reporters.ts';
import { commandName } from '../../../screen/command-name.ts';
import { makePaint } from '../../../screen/paint.ts';
import { wrap, wrappedTable } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { OWN_DRILLS, SHIPPED_DRILLS } from '../../../session/find-drill.ts';
import type { CliContext } from '../../verb.ts';

export interface Listed {
  readonly json: unknown;
  readonly lines: readonly string[];
}

const IN_BRACKETS = 'In brackets: what it is where a drill file says nothing.';

export function listFaults(context: CliContext): Listed {
  const all = faultExtensions();
  const common = [
    '',
    ...wrapped('Each of them, but for those on the operators, takes these too:', context),
    ...settingLines(commonSettings(), context),
    '',
    ...wrapped(`${IN_BRACKETS} One alone, with an example: ${calledList(context)} KIND`, context),
  ];
  return { json: all, lines: [...all.flatMap((each) => shown(each, context)), ...common] };
}

export function listRecoveries(context: CliContext): Listed {
  const all = recoveryExtensions();
  return { json: all, lines: all.flatMap((each) => shown(each, context)) };
}

export function listRecovery(name: string, context: CliContext): Listed {
  const one = named(name, recoveryExtensions(), ['recovery', 'recoveries']);
  return { json: one, lines: shown(one, context) };
}

/** All there is to know before it stands in a drill file. */
export function listFault(name: string, context: CliContext): Listed {
  const fault = named(name, faultExtensions(), ['fault', 'faults']);
  const example = exampleOf(fault);
  const { needs, runtimes } = needsOf(fault, example);
  const common = isOfOperators(fault.name) ? {} : commonSettings();
  const path = shortPath(context.directory, example.file);
  const facts = [
    ['needs', needs.length === 0 ? 'nothing of the system' : needs.join('; ')],
    ['runtimes', runtimes.join(', ')],
    ['proved by', fault.proof],
    ['example', `${commandName(context.environment)} run ${path}`],
  ];
  const lines = [
    ...shown(fault, context),
    ...(isOfOperators(fault.name)
      ? []
      : ['  and of every fault:', ...settingLines(common, context)]),
    '',
    IN_BRACKETS,
    '',
    ...wrappedTable(facts, widthOf(context)),
    '',
    ...example.lines,
  ];
  const settings = { ...fault.settings, ...common };
  return { json: { ...fault, settings, needs, runtimes, example: path }, lines };
}

function named<E extends Extension>(
  name: string,
  all: readonly E[],
  [one, many]: [string, string],
): E {
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const guess = guessHint(
    name,
    all.map((each) => each.name),
  );
  throw new UserError(`no ${one} is called "${name}"${guess}`, {
    hint: `drill list ${many}`,
  });
}

interface Example {
  readonly file: string;
  readonly text: string;
  /** What of it is about the fault. */
  readonly lines: readonly string[];
}

/** Keys of a drill file that a fault may not be thought of without. */
const ABOUT_FAULTS = /^(disaster|faults|declare|recover):/;

function exampleOf({ name }: FaultExtension): Example {
  // What a team breaks is its own: there is no lab to do so in.
  const path = name === 'command' ? [OWN_DRILLS, 'repmgr'] : ['faults', name];
  const file = `${join(SHIPPED_DRILLS, ...path)}.yaml`;
  const text = readFileSync(file, 'utf8');
  const blocks = text.split(/^(?=\S)/m).filter((block) => ABOUT_FAULTS.test(block));
  return { file, text, lines: blocks.flatMap((block) => block.trimEnd().split('\n')) };
}

/** As the example has it: what it needs can depend on its settings. */
function needsOf({ name }: FaultExtension, { file, text }: Example) {
  const source = { file, bytes: Buffer.from(text) };
  const read = RUNTIME_NAMES.flatMap((runtime) => parseDrill(source, { flags: { runtime } }).drill);
  // Where one runtime can run it, the others need the same.
  const drill = read.find((each) => each !== null);
  const fault = drill?.faults.find(({ kind }) => kind === name);
  const needs = drill && fault ? outcomeOf(fault, drill).needs : [];
  const isOwn = needs.includes('commands');
  const runtimes = RUNTIME_NAMES.filter((each) => {
    if (RUNTIMES[each].makesSystem === isOwn) return false;
    return needs.every((need) => RUNTIMES[each].gives.some((given) => given === need));
  });
  return { needs: needs.map((need) => ABILITIES[need]), runtimes };
}

function shown({ name, summary, settings }: Extension, context: CliContext): string[] {
  const paint = makePaint(context.screen.stdout.hasColour);
  const [first = '', ...more] = wrap(`${name} ${summary}`, widthOf(context) - 1);
  return [
    `${paint('bold', name)} ${first.slice(name.length)}`,
    ...more.map((line) => `  ${line}`),
    ...settingLines(settings, context),
  ];
}

function settingLines(settings: Settings, context: CliContext): string[] {
  const paint = makePaint(context.screen.stdout.hasColour);
  const rows = Object.entries(settings).map(([key, setting]) => {
    return [`    ${key}`, `${typeOf(setting)} – ${setting.meaning}`];
  });
  return wrappedTable(rows, widthOf(context), (text) => paint('dim', text));
}

/** `duration (2s)`, `text, required` */
function typeOf({ type, default: usual, required }: Setting): string {
  if (required) return `${type}, required`;
  return usual === null ? type : `${type} (${usual})`;
}

function wrapped(text: string, context: CliContext): string[] {
  return wrap(text, widthOf(context));
}

function widthOf({ screen }: CliContext): number {
  return Math.min(100, screen.stdout.columns());
}

function calledList({ environment }: CliContext): string {
  return `${commandName(environment)} list faults`;
}
