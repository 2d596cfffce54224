// How the user calls drill, for commands that are printed to be copied.

type Environment = Readonly<Record<string, string | undefined>>;

/** `npx drill` when npx started this process, else `drill`. */
export function commandName(environment: Environment): string {
  return environment['npm_command'] === 'exec' ? 'npx drill' : 'drill';
}

/** Every verb, so that "the drill ran" is no command. */
export const COMMAND_VERBS = [
  ...['run', 'check', 'plan', 'list', 'show', 'judge', 'ledger', 'salvage', 'compare', 'up'],
  ...['down', 'clean', 'doctor', 'init', 'schema', 'completion', 'pin', 'unpin', 'report', 'scale'],
  ...['evidence', 'history', 'baseline', 'status', 'gameday', 'declare', 'serve', 'watch'],
  ...['confirm', 'pause', 'resume', 'step', 'halt', 'selftest', 'worker', 'attach'],
  ...['restore', 'heartbeat'],
] as const;

const COMMAND = new RegExp(
  `(?<![\\w./-]|\\b(?:npx|a|the|this|that|each|every|one|whole) )` +
    `drill (?=(?:${COMMAND_VERBS.join('|')}|VERB|--help)\\b|--help)`,
  'g',
);

/** The commands in a text as this user can paste them: `npx drill up FILE` for `drill up FILE`. */
export function asCalled(text: string, environment: Environment): string {
  return callsIn(text, commandName(environment));
}

/** The same, with the command that is known already. */
export function callsIn(text: string, command: string): string {
  return text.replace(COMMAND, `${command} `);
}
