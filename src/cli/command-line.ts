// The outermost layer of the command line: which verb is meant, and the flags that every verb has.
// The rest belongs to the verb.
import { guessHint } from '../base/closest.ts';
import type { ColourChoice } from '../screen/process-screen.ts';
import { UserError } from '../screen/user-error.ts';

const COLOURS: readonly ColourChoice[] = ['always', 'auto', 'never'];
const LEADING_FLAGS = ['--help', '--version', '--color', '--no-color'];

/**
 * The last of `--color`, `--color=always|auto|never`, `--no-color`. Throws a `UserError` for
 * another value.
 */
export function colourChoice(argv: readonly string[]): ColourChoice {
  let choice: ColourChoice = 'auto';
  for (const word of ownWords(argv)) {
    if (word === '--no-color' || word === '--no-colour') choice = 'never';
    else if (word === '--color' || word === '--colour') choice = 'always';
    else if (/^--colou?r=/.test(word)) choice = namedColour(word.slice(word.indexOf('=') + 1));
  }
  return choice;
}

/**
 * The verb, null where none is named, and the words that are left for it. Throws a `UserError` for
 * an unknown flag before the verb.
 */
export function readCommandLine(argv: readonly string[]) {
  const own = ownWords(argv);
  const wantsHelp = own.includes('--help') || own.includes('-h');
  const isPlain = (word: string) => !isColourFlag(word) && word !== '--help' && word !== '-h';
  const words = [...own.filter(isPlain), ...argv.slice(own.length)];
  const [first, ...rest] = words;
  const line = { verb: null, wantsHelp, wantsVersion: false, rest };
  if (first === 'help') return { ...line, verb: rest[0] ?? null, wantsHelp: true, rest: [] };
  if (first === undefined) return line;
  if (first === '--version' || first === '-V') return { ...line, wantsVersion: true };
  if (first.startsWith('-')) throw unknownFlag(first);
  return { ...line, verb: first };
}

/** What may be flags: everything before a bare `--`. */
export function ownWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

function isColourFlag(word: string): boolean {
  return /^--(no-)?colou?r$|^--colou?r=/.test(word);
}

function namedColour(value: string): ColourChoice {
  const known = COLOURS.find((each) => each === value);
  if (known !== undefined) return known;
  throw new UserError(`--color: expected ${COLOURS.join(', ')}; got "${value}"`);
}

function unknownFlag(flag: string): UserError {
  const guess = guessHint(flag, LEADING_FLAGS);
  return new UserError(`unknown flag ${flag} before the verb${guess}`, {
    hint: 'flags of a verb come after it: drill run FILE --quiet',
  });
}
