// `drill completion`: a script for the shell, made from the verbs. Verbs, flags and the fixed words
// of positionals are completed; everything else falls back to file names.
import { REPORTER_NAMES } from '../../report/reporters.ts';
import type { Verb, VerbEntry } from '../verb.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';

const SHELLS = ['bash', 'zsh'] as const;

/** `verbs` are all there are. */
export const completionOf = (verbs: readonly VerbEntry[]): Verb => ({
  command: 'completion <shell>',
  positionals: { shell: { choices: SHELLS, describe: 'Which shell' } },
  options: {},
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['eval "$(drill completion bash)"', 'in ~/.bashrc'],
    ['eval "$(drill completion zsh)"', 'in ~/.zshrc, after compinit'],
  ],
  run: async (args, { screen }) => {
    const words = await Promise.all(
      verbs.map(async (entry) => [entry.name, wordsOf(await entry.load())] as const),
    );
    const script = args['shell'] === 'zsh' ? zshScript(verbs, words) : bashScript(words);
    screen.stdout.write(script);
    return EXIT.pass;
  },
});

type VerbWords = readonly (readonly [verb: string, words: readonly string[]])[];

const GLOBAL_FLAGS = ['--help', '--color', '--no-color'];

function wordsOf({ options, positionals }: Verb): string[] {
  const flags = Object.keys(options).map((name) => `--${name}`);
  const fixed = Object.values(positionals).flatMap(({ choices = [] }) => choices.map(String));
  return [...fixed, ...flags, ...GLOBAL_FLAGS];
}

function bashScript(words: VerbWords): string {
  const cases = words.map(([verb, each]) => `    ${verb}) words="${each.join(' ')}" ;;`);
  return `# drill completion for bash: eval "$(drill completion bash)"
_drill() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${words.map(([verb]) => verb).join(' ')} --help --version" -- "$word"))
    return
  fi
  if [ "$before" = --reporter ]; then
    COMPREPLY=($(compgen -W "${REPORTER_NAMES.join(' ')}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _drill drill dr-drill
`;
}

function zshScript(verbs: readonly VerbEntry[], words: VerbWords): string {
  const described = verbs.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = words.map(([verb, each]) => `    ${verb}) words=(${each.join(' ')}) ;;`);
  return `# drill completion for zsh: eval "$(drill completion zsh)"
_drill() {
  local -a verbs offered
  verbs=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'verb' verbs
    return
  fi
  if [[ "$words[CURRENT-1]" == --reporter ]]; then
    compadd ${REPORTER_NAMES.join(' ')}
    return
  fi
  local verb="$words[2]"
  case "$verb" in
${cases.join('\n').replaceAll('words=(', 'offered=(')}
  esac
  compadd -a offered
  _files
}
compdef _drill drill dr-drill
`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
}
