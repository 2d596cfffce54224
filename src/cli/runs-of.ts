// Where the verbs that look at runs find them: the place that `drill run` would use here, by flag,
// by DRILL_OUT or by the configuration file.
import type { Options } from 'yargs';
import { runsDirectory } from '../archive/run-directory.ts';
import { findRun } from '../archive/run-list.ts';
import { readConfig, statedSettings, type ConfigReading } from '../drill/file/config.ts';
import { formatDiagnostic } from '../drill/file/diagnostic.ts';
import { resolveSettings } from '../drill/file/settings.ts';
import { UserError } from '../screen/user-error.ts';
import { readConfigSource } from './read-drill.ts';
import type { CliContext, VerbArguments } from './verb.ts';

export const outOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Where runs are kept (default .drill/runs)',
} as const satisfies Options;

/** For the verbs that look at one run. */
export const runPositional = {
  type: 'string',
  default: 'latest',
  describe: 'An id or its beginning, the name of a drill, a path, or latest',
} as const satisfies Options;

/** The directory of the run that `runPositional` names. */
export async function askedRun(args: VerbArguments, context: CliContext): Promise<string> {
  return findRun(await runsOf(args, context), String(args['run']), context.directory);
}

/** The directory of runs. */
export async function runsOf(args: VerbArguments, context: CliContext): Promise<string> {
  const { directory, environment } = context;
  const out = typeof args['out'] === 'string' ? args['out'] : undefined;
  const isStated = out !== undefined || environment['DRILL_OUT'] !== undefined;
  const config = isStated ? null : await configOf(context);
  const stated = statedSettings({ environment, flags: { out } }, config);
  const { settings, diagnostics } = resolveSettings({ seed: [], keep: [], out: stated.out });
  if (diagnostics.length > 0) throw new UserError(diagnostics.map(formatDiagnostic).join('\n'));
  return runsDirectory(directory, settings.out);
}

/**
 * A configuration file with errors is complained of and passed over: to look at a run, or to clean
 * up after one, must not wait until it is mended.
 */
async function configOf({ directory, screen }: CliContext): Promise<ConfigReading | null> {
  const source = await readConfigSource(directory);
  if (source === null) return null;
  if ('problem' in source) {
    screen.stderr.write(`${source.file}: ${source.message}; it is not used\n`);
    return null;
  }
  const reading = readConfig(source);
  for (const each of reading.diagnostics) screen.stderr.write(`${formatDiagnostic(each)}\n`);
  return reading;
}
