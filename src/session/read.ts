// Reads a drill file with everything laid over it (flags, variables, the configuration file), in
// the same way for everybody. What is wrong comes back as values; nothing is printed.
import { guessHint } from '../base/closest.ts';
import { sha256 } from '../host/sha256.ts';
import type { ChosenBaseline } from '../drill/baseline.ts';
import { withSystemConsent } from '../drill/consent/consent.ts';
import type { DrillFlags, DrillLayers } from '../drill/file/config.ts';
import type { Diagnostic } from '../drill/file/diagnostic.ts';
import { parseDrill, type ParsedDrill } from '../drill/parse-drill.ts';
import type { Drill } from '../drill/file/schema.ts';
import type { RunSettings } from '../drill/file/settings.ts';
import { planDrill, withOutside } from '../drill/plan/make-plan.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Surroundings } from './session.ts';
import { consentFor, type ConsentRead } from './consent/read-consent.ts';
import { commandWarnings } from './commands.ts';
import { drillNames, findDrill } from './find-drill.ts';
import type { SourceFile } from '../drill/file/yaml-source.ts';
import { CONFIG_FILE, readConfigSource, readSource, unreadDiagnostic } from './source.ts';

const NO_FILE = '';
const NO_BYTES = new Uint8Array();

type Place = Pick<Surroundings, 'directory' | 'environment'>;

/** A drill file that can be run. */
export interface DrillRead {
  readonly file: string;
  readonly plan: Plan;
  readonly drill: Drill;
  readonly settings: RunSettings;
  /** The drill file as it is on the disk. */
  readonly text: Uint8Array;
  readonly parsed: ParsedDrill;
  /** To drill a system of somebody's own; absent: drill makes it. */
  readonly consent?: ConsentRead;
  /** The past that its runs are held against; absent: no target asks for it. */
  readonly baseline?: ChosenBaseline;
  /** Of a drill that one series has more than once: what was laid over it alone, as by `--set`. */
  readonly set?: readonly string[];
  /** The series that it is run for, as one of its trials. */
  readonly series?: string;
}

interface Inspected {
  /** Of which the word was the name. */
  readonly file: string;
  readonly parsed: ParsedDrill;
  /** Null when it cannot be read. */
  readonly bytes: Uint8Array | null;
}

export interface Reading {
  readonly file: string;
  /** Null where an error is among the diagnostics. */
  readonly drill: DrillRead | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file, `-` for the standard input, the name of a drill; or what would stand in a file. */
type DrillWord = string | SourceFile;

export async function readDrill(
  word: DrillWord,
  flags: DrillFlags,
  place: Place,
): Promise<Reading> {
  const { file, parsed, bytes } = await inspectDrill(word, flags, place);
  const { drill, settings, diagnostics } = parsed;
  if (drill === null || bytes === null) return { file, drill: null, diagnostics };
  const made = withOutside(planDrill(drill, settings.seed, sha256(bytes)), parsed.outside);
  const consent = consentFor(drill, file, place.directory);
  const plan = withSystemConsent(made, consent?.consent ?? null);
  const read = { file, plan, drill, settings, text: bytes, parsed };
  return { file, drill: consent === null ? read : { ...read, consent }, diagnostics };
}

/** Reads and checks a drill file, named as for `readDrill`. */
export async function inspectDrill(
  word: DrillWord,
  flags: DrillFlags,
  place: Place,
): Promise<Inspected> {
  const file = typeof word === 'string' ? findDrill(word, place.directory) : word.file;
  const { layers, problems } = await readLayers(flags, place);
  const source = typeof word === 'string' ? await readSource(file, place.directory) : word;
  if (!('problem' in source)) {
    const plain = parseDrill(source, layers);
    const warnings = warningsOf(plain, file, place);
    const parsed = { ...plain, diagnostics: [...plain.diagnostics, ...warnings] };
    if (problems.length === 0) return { file, parsed, bytes: source.bytes };
    const diagnostics = [...problems, ...parsed.diagnostics];
    return { file, parsed: { ...parsed, drill: null, diagnostics }, bytes: null };
  }
  const parsed = parseDrill({ file, bytes: NO_BYTES }, layers);
  const hint = source.problem === 'missing' ? missingHint(file, place) : '';
  const missing = unreadDiagnostic(source, hint);
  const others = parsed.diagnostics.filter((each) => each.source !== file);
  return {
    file,
    parsed: { ...parsed, diagnostics: [...problems, missing, ...others] },
    bytes: null,
  };
}

function warningsOf({ drill, settings }: ParsedDrill, file: string, place: Place): Diagnostic[] {
  if (drill === null) return [];
  return commandWarnings({ drill, plan: planDrill(drill, settings.seed, '') }, file, place);
}

/** A word may have been meant as the name of a drill. */
function missingHint(word: string, { directory }: Place): string {
  const guess = guessHint(word, drillNames(directory));
  return guess || '; `drill init` writes a drill file to begin with';
}

/** What the other sources say of drills, where no file is named: `drill` is null. */
export async function inspectWithoutDrill(flags: DrillFlags, place: Place): Promise<ParsedDrill> {
  const { layers, problems } = await readLayers(flags, place);
  const parsed = parseDrill({ file: NO_FILE, bytes: NO_BYTES }, layers);
  // Most variables are about regions, links and faults, and only a file says which there are.
  const known = parsed.diagnostics.filter(({ source, path }) => {
    return source !== NO_FILE && (source === CONFIG_FILE || path === '' || path === 'runtime');
  });
  return { ...parsed, diagnostics: [...problems, ...known] };
}

/** What lies over and under a drill file, with a problem where the config cannot be read. */
async function readLayers(
  flags: DrillFlags,
  { directory, environment }: Place,
): Promise<{ readonly layers: DrillLayers; readonly problems: readonly Diagnostic[] }> {
  const config = await readConfigSource(directory);
  const isUnread = config !== null && 'problem' in config;
  return {
    layers: { environment, flags, config: isUnread ? null : config },
    problems: isUnread ? [unreadDiagnostic(config)] : [],
  };
}
