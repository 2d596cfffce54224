// One verb's arguments, strictly: unknown flags with a guess at what was meant, numbers that are
// numbers, and nothing given twice that can only be given once.
import { parseArgs } from 'node:util';
import { guessHint } from '../base/closest.ts';
import { UserError } from '../screen/user-error.ts';
import { ownWords } from './command-line.ts';
import { NO_VALUE, type Argument, type Verb, type VerbArguments } from './verb.ts';

/** Throws a `UserError` for anything that the verb does not take. */
export function parseVerb(verb: Verb, words: readonly string[]): VerbArguments {
  const { positionals, given } = readWords(verb, words);
  const parsed: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(verb.options)) {
    const value = optionValue(verb, name, given.get(name));
    parsed[name] = value ?? option.default;
  }
  for (const { name, isList, isRequired } of positionalsOf(verb)) {
    const { default: usual, choices } = verb.positionals[name]!;
    const values = positionals.splice(0, isList ? positionals.length : 1);
    if (isRequired && values.length === 0) {
      const which = choices === undefined ? '' : `, ${name} being one of ${choices.join(', ')}`;
      throw usage(verb, `expected: drill ${verb.command}${which}`);
    }
    if (values.includes('')) throw usage(verb, `${name}: expected a value, got nothing`);
    for (const value of values) checkChoice(verb, name, value, choices);
    parsed[name] = isList ? values : (values[0] ?? usual);
  }
  const [extra] = positionals;
  if (extra !== undefined) throw usage(verb, `one argument too many: "${extra}"`);
  return parsed;
}

/** Null stands for a flag without a value. */
type Given = Map<string, (string | null)[]>;

function readWords(verb: Verb, words: readonly string[]) {
  const options = Object.entries(verb.options).map(([name, { type, short }]) => {
    const parsed = { type: type === 'boolean' ? type : 'string' } as const;
    return [name, short === undefined ? parsed : { ...parsed, short }] as const;
  });
  const { tokens } = parseArgs({
    args: withoutValues(verb, words),
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const given: Given = new Map();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value = null, inlineValue } = token;
    const isShort = rawName === `-${verb.options[name]?.short}`;
    if (!Object.hasOwn(verb.options, name) || !(isShort || rawName.startsWith('--'))) {
      const flags = Object.keys(verb.options).map((each) => `--${each}`);
      const guess = guessHint(`--${name}`, flags);
      throw usage(verb, `there is no flag ${rawName}${guess}`);
    }
    // The next flag, or a number below zero.
    const isFlag = inlineValue === false && /^-./.test(value ?? '') && !isNumber(value ?? '');
    given.set(name, [...(given.get(name) ?? []), isFlag ? null : value]);
  }
  return { positionals, given };
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

function optionValue(verb: Verb, name: string, given: readonly (string | null)[] = []): unknown {
  const { type, array = false, choices } = verb.options[name]!;
  if (given.length > 1 && !array) {
    throw usage(verb, `--${name} was given ${given.length} times; expected once`);
  }
  const values = given.map((value) => {
    if (type === 'boolean') {
      if (value === null || value === 'true') return true;
      if (value === 'false') return false;
      throw usage(verb, `--${name} takes no value, got "${value}"`);
    }
    if (value === null) {
      throw usage(verb, `--${name}: expected ${choices?.join(', ') ?? 'a value'}`);
    }
    if (value === NO_VALUE && verb.bare?.includes(name) === true) return value;
    if (value === '') throw usage(verb, `--${name}: expected a value, got nothing`);
    checkChoice(verb, `--${name}`, value, choices);
    if (type !== 'number') return value;
    if (isNumber(value)) return Number(value);
    throw usage(verb, `--${name}: expected a number, got "${value}"`);
  });
  return array && values.length > 0 ? values : values[0];
}

/** `<file>` is required, `[file]` is not, `<files..>` takes all that are left. */
function positionalsOf({ command }: Verb) {
  return command
    .split(' ')
    .slice(1)
    .map((word) => {
      const name = word.replaceAll(/[<>[\].]/g, '');
      return { name, isList: word.includes('..'), isRequired: word.startsWith('<') };
    });
}

function checkChoice(
  verb: Verb,
  label: string,
  given: string,
  choices?: Argument['choices'],
): void {
  if (choices === undefined || choices.includes(given)) return;
  const guess = guessHint(given, choices);
  throw usage(verb, `${label}: expected ${choices.join(', ')}; got "${given}"${guess}`);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

function usage({ command }: Verb, message: string): UserError {
  return new UserError(message, { hint: `drill ${command.split(' ')[0]} --help` });
}
