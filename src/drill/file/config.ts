// The sources of values besides the drill file, and the configuration file among them.
import type * as z from 'zod';
import type { Diagnostic } from './diagnostic.ts';
import { withoutPasswords } from '../database-address.ts';
import { diagnosticAt, findingsOf, issueMessage } from './issues.ts';
import { keysAt, knownKeys } from './key-tree.ts';
import { runtimeSettings, type Runtimes, type RuntimeSettings } from './runtimes.ts';
import { configJsonSchema, configSchema } from './schema.ts';
import { readYaml, type Path, type SourceFile, type TreeLayer } from './yaml-source.ts';

/** The sources besides the drill file; those that are left out say nothing. */
export interface DrillLayers {
  /** `drill.config.yaml` */
  readonly config?: SourceFile | null;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly flags?: DrillFlags;
  readonly runtimes?: Runtimes;
}

export interface DrillFlags {
  /** `targets.rto=5s` */
  readonly set?: readonly string[];
  readonly seed?: string | undefined;
  readonly out?: string | undefined;
  readonly keep?: string | undefined;
  readonly runtime?: string | undefined;
  readonly repeat?: string | undefined;
}

export interface ConfigReading {
  readonly name: string;
  readonly trees: readonly TreeLayer[];
  readonly settings: Pick<z.output<typeof configSchema>, 'out' | 'keep' | 'runs' | 'history'> & {
    readonly runtimes?: RuntimeSettings;
  };
  readonly diagnostics: readonly Diagnostic[];
}

/** A drill file's key at the top of the configuration belongs below `defaults`. */
function inDefaults(path: Path, key: string): string | null {
  if (path.length > 0 || !knownKeys([]).includes(key)) return null;
  return `this is a key of drill files; for all of them write defaults: { ${key}: … }`;
}

/** Reads `drill.config.yaml`; its `defaults` become a layer under the drill file. */
export function readConfig(source: SourceFile): ConfigReading {
  const reading = readAll(source);
  return { ...reading, diagnostics: reading.diagnostics.map(masked) };
}

/** The line that is shown may hold the password of an address. */
function masked(diagnostic: Diagnostic): Diagnostic {
  const { message, place } = diagnostic;
  const shown = place && { ...place, text: withoutPasswords(place.text) };
  return { ...diagnostic, message: withoutPasswords(message), place: shown };
}

function readAll(source: SourceFile): ConfigReading {
  const name = source.file;
  const keys = Object.keys(configSchema.shape).map((key) => `\`${key}\``);
  const read = readYaml(source, `delete it, or give it ${keys.join(' or ')}`);
  if (read.source === null) return { name, trees: [], settings: {}, diagnostics: read.diagnostics };
  const { source: origin } = read;
  const parsed = configSchema.safeParse(origin.tree, { error: issueMessage, reportInput: true });
  if (!parsed.success) {
    const known = (path: Path) => keysAt(configJsonSchema(), path);
    const found = findingsOf(parsed.error.issues, known, inDefaults);
    const diagnostics = found.map((finding) => diagnosticAt(origin, finding));
    return { name, trees: [], settings: {}, diagnostics: [...read.diagnostics, ...diagnostics] };
  }
  const { runtime, defaults, out, keep, runs, history, ...rest } = parsed.data;
  const runtimes = runtimeSettings.parse(rest);
  const trees: TreeLayer[] = [];
  if (runtime !== undefined) trees.push({ ...origin, tree: { runtime } });
  if (defaults !== undefined) {
    const locate: TreeLayer['locate'] = (path, part) => origin.locate(['defaults', ...path], part);
    trees.push({ name, tree: defaults, locate });
  }
  return {
    name,
    trees,
    settings: { out, keep, runtimes, runs, history },
    diagnostics: read.diagnostics,
  };
}
