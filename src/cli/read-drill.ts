// Reads a drill file from disk with everything laid over it, the same way for every verb, and says
// what is wrong.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { formatDiagnostic, hasErrors } from '../drill/diagnostic.ts';
import type { Diagnostic } from '../drill/diagnostic.ts';
import type { DrillFlags } from '../drill/config.ts';
import { planDrill } from '../drill/make-plan.ts';
import { parseDrill } from '../drill/parse-drill.ts';
import type { ParsedDrill } from '../drill/parse-drill.ts';
import type { Plan } from '../drill/plan.ts';
import type { Drill } from '../drill/schema.ts';
import type { RunSettings } from '../drill/settings.ts';
import { FILE_BYTES_MAX } from '../drill/yaml-source.ts';
import type { SourceFile } from '../drill/yaml-source.ts';
import { EXIT } from './exit-code.ts';
import type { CliContext, VerbArguments } from './verb.ts';

export const CONFIG_FILE = 'drill.config.yaml';

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

/** The flags out of yargs' values; what was typed twice counts the last time, but for `--set`. */
export function flagsOf(args: VerbArguments): DrillFlags {
  const list = (name: string) => [args[name] ?? []].flat().map(String);
  const last = (name: string) => list(name).at(-1);
  return {
    set: list('set'),
    seed: last('seed'),
    out: last('out'),
    keep: last('keep'),
    runtime: last('runtime'),
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
  const config = await readSource(CONFIG_FILE, context.directory);
  const source = await readSource(file, context.directory);
  const configProblem = 'problem' in config && config.problem !== 'missing' ? [config] : [];
  const unread = [...configProblem, ...('problem' in source ? [source] : [])];
  const given = { environment: context.environment, flags };
  const parsed = parseDrill('problem' in source ? { file, bytes: new Uint8Array() } : source, {
    ...given,
    config: 'problem' in config ? null : config,
  });
  if (unread.length === 0) {
    return { parsed, bytes: 'problem' in source ? null : source.bytes };
  }
  const problems = unread.map((each): Diagnostic => {
    const message = each === source ? `${each.message}${missingHint(each)}` : each.message;
    return { severity: 'error', path: '', message, source: each.file, place: null };
  });
  const others = parsed.diagnostics.filter(
    (each) => !('problem' in source) || each.source !== file,
  );
  return { parsed: { ...parsed, drill: null, diagnostics: [...problems, ...others] }, bytes: null };
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
