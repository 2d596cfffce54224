// Where the value of `keep` came from, to be named when a drill cannot have it.
import { statedSettings } from '../drill/file/config.ts';
import { CONFIG_FILE, flagsOf } from './read-drill.ts';
import type { CliContext, VerbArguments } from './verb.ts';

/** `--keep`, `DRILL_KEEP`, `drill.config.yaml: keep`: the first of them that has a value. */
export function keepSource(args: VerbArguments, { environment }: CliContext): string {
  const { keep } = statedSettings({ environment, flags: flagsOf(args) }, null);
  return keep[0]?.name ?? `${CONFIG_FILE}: keep`;
}
