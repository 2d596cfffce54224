// One verb's arguments, parsed by yargs and checked more strictly than it does: unknown flags with
// a guess at what was meant, numbers that are numbers, and nothing given twice that can only be
// given once.
import yargs, { type Options } from 'yargs';
import { closest } from '../base/closest.ts';
import { UserError } from '../screen/user-error.ts';
import type { Verb, VerbArguments } from './verb.ts';

/**
 * yargs without its liberties: no `--no-x`, no nested keys, ids stay text, lists take one word per
 * flag.
 */
const CONFIGURATION = {
  'boolean-negation': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-positional-numbers': false,
  'strip-dashed': false,
};

/** Throws a `UserError` for anything that the verb does not take. */
export async function parseVerb(verb: Verb, words: readonly string[]): Promise<VerbArguments> {
  const name = nameOf(verb);
  let parsed: VerbArguments;
  try {
    parsed = await makeParser(verb, withStdout(verb, words)).parseAsync();
  } catch (error) {
    throw usage(name, inOurWords(verb, (error as Error).message));
  }
  refuseUnknown(verb, parsed);
  for (const [option, settings] of Object.entries(verb.options)) {
    checkValue(name, option, settings, parsed[option]);
  }
  return parsed;
}

/** `--markdown` as `--markdown=-`: what follows such a flag is not its value. */
function withStdout({ bare = [] }: Verb, words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, at) => {
    const isBare = word.startsWith('--') && bare.includes(word.slice(2));
    return isBare && (end === -1 || at < end) ? `${word}=-` : word;
  });
}

function makeParser(verb: Verb, words: readonly string[]) {
  return yargs([...words])
    .scriptName('drill')
    .locale('en')
    .parserConfiguration(CONFIGURATION)
    .command(
      `$0 ${verb.command.split(' ').slice(1).join(' ')}`.trim(),
      false,
      (command) => {
        for (const [key, value] of Object.entries(verb.positionals)) command.positional(key, value);
        for (const [key, value] of Object.entries(verb.options)) {
          command.option(key, needsValue(value) ? { requiresArg: true, ...value } : value);
        }
        return command;
      },
      () => {},
    )
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false);
}

function needsValue({ type }: Options): boolean {
  return type !== 'boolean' && type !== 'count';
}

function nameOf(verb: Verb): string {
  return verb.command.split(' ')[0] ?? '';
}

function refuseUnknown(verb: Verb, parsed: VerbArguments): void {
  const options = Object.entries(verb.options);
  const flags = options.map(([key]) => key);
  const aliases = options.flatMap(([, { alias = [] }]) => alias);
  const known = new Set([...flags, ...aliases, ...Object.keys(verb.positionals), '_', '$0']);
  for (const key of known) known.add(camelCase(key));
  const unknown = Object.keys(parsed).find((key) => !known.has(key));
  if (unknown !== undefined) {
    const near = closest(unknown, flags);
    const typed = unknown.length === 1 ? `-${unknown}` : `--${unknown}`;
    const guess = near === null ? '' : ` (did you mean --${near}?)`;
    throw usage(nameOf(verb), `there is no flag ${typed}${guess}`);
  }
  const extra = (parsed['_'] as readonly unknown[] | undefined) ?? [];
  if (extra.length > 0) throw usage(nameOf(verb), `one argument too many: "${String(extra[0])}"`);
}

function checkValue(verb: string, option: string, settings: Options, value: unknown): void {
  if (Array.isArray(value) && settings.array !== true) {
    throw usage(verb, `--${option} was given ${value.length} times; expected once`);
  }
  if (settings.type === 'number' && value !== undefined && !Number.isFinite(value)) {
    throw usage(verb, `--${option}: expected a number`);
  }
  if (settings.type === 'string' && value === '') {
    throw usage(verb, `--${option}: expected a value, got nothing`);
  }
}

function usage(verb: string, message: string): UserError {
  return new UserError(message, { hint: `drill ${verb} --help` });
}

/**
 * yargs 18 says what is wrong in words of its own trade; what it says of anything else is passed
 * on.
 */
function inOurWords(verb: Verb, message: string): string {
  const text = message.replace(/\s+/g, ' ').trim();
  if (text.startsWith('Not enough non-option arguments')) {
    return `expected: drill ${verb.command}`;
  }
  const flag = /^Not enough arguments following: (.+)$/.exec(text)?.[1];
  if (flag !== undefined) return `--${flag}: expected a value`;
  const wrong = /^Invalid values: Argument: (.+?), Given: "(.*)", Choices: (.+)$/.exec(text);
  if (wrong === null) return text;
  const [, argument = '', given = '', choices = ''] = wrong;
  const known = [...choices.matchAll(/"([^"]*)"/g)].map(([, choice = '']) => choice);
  const near = closest(given, known);
  const guess = near === null ? '' : ` (did you mean "${near}"?)`;
  const label = argument in verb.options ? `--${argument}` : argument;
  return `${label}: expected ${known.join(', ')}; got "${given}"${guess}`;
}

function camelCase(key: string): string {
  return key.replace(/-+([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());
}
