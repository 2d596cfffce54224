// Reads a drill file from disk with everything laid over it, the same way for every verb, and says
// what is wrong.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { formatDiagnostic, hasErrors } from '../drill/file/diagnostic.ts';
import type { Diagnostic } from '../drill/file/diagnostic.ts';
import type { DrillFlags, DrillLayers } from '../drill/file/config.ts';
import { notBuilt } from '../drill/file/issues.ts';
import { lookUp } from '../drill/file/layers.ts';
import { planDrill } from '../drill/plan/make-plan.ts';
import { parseDrill } from '../drill/file/parse-drill.ts';
import type { ParsedDrill } from '../drill/file/parse-drill.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Drill } from '../drill/file/schema.ts';
import type { RunSettings } from '../drill/file/settings.ts';
import { FILE_BYTES_MAX } from '../drill/file/yaml-source.ts';
import type { SourceFile } from '../drill/file/yaml-source.ts';
import { EXIT } from './exit-code.ts';
import type { CliContext, VerbArguments } from './verb.ts';

export const CONFIG_FILE = 'drill.config.yaml';
const NO_FILE = '';
const NO_BYTES = new Uint8Array();

/** The flags of every verb that reads a drill file. */
export const drillOptions = {
  set: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Give a key of the drill file another value: --set targets.rto=5s (repeatable)',
  },
  seed: {
    type: 'string',
    requiresArg: true,
    describe: 'Seed of everything that is drawn at random (default 1)',
  },
  runtime: {
    type: 'string',
    requiresArg: true,
    describe: 'How the regions are made: auto, embedded or compose',
  },
} as const satisfies Record<string, Options>;

export interface DrillRead {
  readonly plan: Plan;
  readonly drill: Drill;
  readonly settings: RunSettings;
  /** Warnings only. */
  readonly diagnostics: readonly Diagnostic[];
  /** The drill file as it is on disk. */
  readonly text: string;
  readonly parsed: ParsedDrill;
}

/** Whether a file in a folder of drills is meant to be one, by its name. */
export function isDrillName(name: string): boolean {
  return /\.ya?ml$/.test(name) && name !== CONFIG_FILE && !name.startsWith('.');
}

/** The flags out of yargs' values; none but `--set` can be there twice. */
export function flagsOf(args: VerbArguments): DrillFlags {
  const text = (name: string) => args[name] as string | undefined;
  return {
    set: [args['set'] ?? []].flat().map(String),
    seed: text('seed'),
    out: text('out'),
    keep: text('keep'),
    runtime: text('runtime'),
  };
}

/**
 * Reads and checks a drill file for a verb that goes on with it. Problems go to stderr; with an
 * error among them the answer is the exit code to end with.
 */
export async function readDrill(
  file: string,
  flags: DrillFlags,
  context: CliContext,
): Promise<DrillRead | { readonly exit: number }> {
  const { parsed, bytes } = await inspectDrill(file, flags, context);
  writeDiagnostics(parsed.diagnostics, context);
  const { drill, settings, diagnostics } = parsed;
  if (drill === null || bytes === null) return { exit: EXIT.usage };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const plan = planDrill(drill, settings.seed, sha256);
  return { plan, drill, settings, diagnostics, text: new TextDecoder().decode(bytes), parsed };
}

/** Reads a drill file without a word; `bytes` is null when it cannot be read. */
export async function inspectDrill(
  file: string,
  flags: DrillFlags,
  context: CliContext,
): Promise<{ readonly parsed: ParsedDrill; readonly bytes: Uint8Array | null }> {
  const { layers, problems } = await readLayers(flags, context);
  const source = await readSource(file, context.directory);
  if (!('problem' in source)) {
    const parsed = parseDrill(source, layers);
    if (problems.length === 0) return { parsed, bytes: source.bytes };
    const diagnostics = [...problems, ...parsed.diagnostics];
    return { parsed: { ...parsed, drill: null, diagnostics }, bytes: null };
  }
  const parsed = parseDrill({ file, bytes: NO_BYTES }, layers);
  const missing = unreadDiagnostic(source, missingHint(source));
  const others = parsed.diagnostics.filter((each) => each.source !== file);
  return { parsed: { ...parsed, diagnostics: [...problems, missing, ...others] }, bytes: null };
}

/** What the other sources say of drills, where no file is named: `drill` is null. */
export async function inspectWithoutDrill(
  flags: DrillFlags,
  context: CliContext,
): Promise<ParsedDrill> {
  const { layers, problems } = await readLayers(flags, context);
  const parsed = parseDrill({ file: NO_FILE, bytes: NO_BYTES }, layers);
  // Most variables are about regions, links and faults, and only a file says which there are.
  const known = parsed.diagnostics.filter(({ source, path }) => {
    return source !== NO_FILE && (source === CONFIG_FILE || path === '' || path === 'runtime');
  });
  return { ...parsed, diagnostics: [...problems, ...known, ...runtimeProblem(parsed)] };
}

/** What only makes no sense is looked for in whole drills. */
function runtimeProblem({ layers }: ParsedDrill): Diagnostic[] {
  if (lookUp(layers.tree, ['runtime']).value !== 'attached') return [];
  const source = layers.originOf(['runtime'])?.name ?? '';
  const message = notBuilt('the runtime attached');
  return [{ severity: 'error', path: 'runtime', message, source, place: null }];
}

/** What lies over and under a drill file, with a problem where the config cannot be read. */
async function readLayers(
  flags: DrillFlags,
  { directory, environment }: CliContext,
): Promise<{ readonly layers: DrillLayers; readonly problems: readonly Diagnostic[] }> {
  const config = await readConfigSource(directory);
  const isUnread = config !== null && 'problem' in config;
  return {
    layers: { environment, flags, config: isUnread ? null : config },
    problems: isUnread ? [unreadDiagnostic(config)] : [],
  };
}

/** Problems on stderr, warnings among them, and how many there are. */
export function writeDiagnostics(diagnostics: readonly Diagnostic[], { screen }: CliContext): void {
  for (const diagnostic of diagnostics) screen.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  if (!hasErrors(diagnostics)) return;
  const count = diagnostics.filter(({ severity }) => severity === 'error').length;
  screen.stderr.write(`${count} ${count === 1 ? 'error' : 'errors'}; nothing was started\n`);
}

/** `drill.config.yaml` of the folder; null where there is none. */
export async function readConfigSource(directory: string): Promise<SourceFile | Unread | null> {
  const source = await readSource(CONFIG_FILE, directory);
  return 'problem' in source && source.problem === 'missing' ? null : source;
}

interface Unread {
  readonly file: string;
  readonly problem: 'missing' | 'unreadable';
  readonly message: string;
}

function unreadDiagnostic({ file, message }: Unread, hint = ''): Diagnostic {
  const text = `${message}${hint}`;
  return { severity: 'error', path: '', message: text, source: file, place: null };
}

function missingHint({ problem }: Unread): string {
  return problem === 'missing' ? '; `drill init` writes a drill file to begin with' : '';
}

/** Never reads more than a drill file may have, and never waits for a pipe. */
async function readSource(file: string, directory: string): Promise<SourceFile | Unread> {
  const path = resolve(directory, file);
  const unread = (problem: Unread['problem'], message: string) => ({ file, problem, message });
  try {
    // O_NONBLOCK: opening a named pipe without a writer would wait for ever.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isDirectory()) return unread('unreadable', 'this is a folder; expected a YAML file');
    if (!facts.isFile())
      return unread('unreadable', 'this is no ordinary file; expected a YAML file');
    const buffer = new Uint8Array(FILE_BYTES_MAX + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const tooLong = facts.size > FILE_BYTES_MAX;
    if (tooLong) return unread('unreadable', tooLongMessage(facts.size));
    return { file, bytes: buffer.subarray(0, bytesRead) };
  } catch (error) {
    return unread(...errorMessage(error as NodeJS.ErrnoException));
  }
}

function tooLongMessage(bytes: number): string {
  return `the file has ${bytes} bytes; at most ${FILE_BYTES_MAX} (1 MiB) are read`;
}

function errorMessage(error: NodeJS.ErrnoException): [Unread['problem'], string] {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return ['missing', 'there is no such file'];
    case 'EACCES':
    case 'EPERM':
      return ['unreadable', 'this user may not read the file'];
    default:
      return ['unreadable', `the file cannot be read: ${error.message}`];
  }
}
