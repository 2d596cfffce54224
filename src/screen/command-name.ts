// How the user calls drill, for commands that are printed to be copied.

/** `npx drill` when npx started this process, else `drill`. */
export function commandName(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['npm_command'] === 'exec' ? 'npx drill' : 'drill';
}
