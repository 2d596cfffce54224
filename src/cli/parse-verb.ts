// One verb's arguments, parsed by yargs and checked more strictly than it does: unknown flags with
// a guess at what was meant, numbers that are numbers, and nothing given twice that can only be
// given once.
import yargs, { type Options } from 'yargs';
import { closest } from '../base/closest.ts';
import { UserError } from '../screen/user-error.ts';
import { ownWords } from './command-line.ts';
import { NO_VALUE, type Verb, type VerbArguments } from './verb.ts';

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
  let parsed: Record<string, unknown>;
  refuseValues(verb, words);
  try {
    parsed = await makeParser(verb, withoutValues(verb, words)).parseAsync();
  } catch (error) {
    throw usage(name, inOurWords(verb, (error as Error).message));
  }
  refuseUnknown(verb, parsed);
  for (const [option, settings] of Object.entries(verb.options)) {
    if (verb.bare?.includes(option) === true && parsed[option] === NO_VALUE) continue;
    checkValue(name, option, settings, parsed[option]);
    if (settings.type === 'number' && parsed[option] !== undefined) {
      parsed[option] = Number(parsed[option]);
    }
  }
  return parsed;
}

/** `--json=yes`: yargs takes it for `--json=false`. */
function refuseValues(verb: Verb, words: readonly string[]): void {
  for (const word of ownWords(words)) {
    const [, flag = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (verb.options[flag]?.type !== 'boolean' || /^(true|false)$/.test(value)) continue;
    throw usage(nameOf(verb), `--${flag} takes no value, got "${value}"`);
  }
}

/** `--markdown` as `--markdown=-`: what follows such a flag is its value only if it is a number. */
function withoutValues({ bare = [], options }: Verb, words: readonly string[]): string[] {
  const flags = ownWords(words);
  return words.map((word, at) => {
    const isBare = word.startsWith('--') && bare.includes(word.slice(2));
    if (!isBare || at >= flags.length) return word;
    const isNext = options[word.slice(2)]?.type === 'number' && isNumber(flags[at + 1] ?? '');
    return isNext ? word : `${word}=${NO_VALUE}`;
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
        for (const [key, value] of Object.entries(verb.options)) command.option(key, asRead(value));
        return command;
      },
      () => {},
    )
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false);
}

/** Numbers as text: yargs takes `--prune=` for 0. */
function asRead(option: Options): Options {
  if (option.type === 'boolean') return option;
  return { requiresArg: true, ...option, ...(option.type === 'number' && { type: 'string' }) };
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
  if (value === '') throw usage(verb, `--${option}: expected a value, got nothing`);
  if (settings.type === 'number' && typeof value === 'string' && !isNumber(value)) {
    throw usage(verb, `--${option}: expected a number, got "${value}"`);
  }
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
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
