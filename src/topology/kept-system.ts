// `system.json` in the run directory of a system that is up: what a later runner needs to work with
// it. Only its owner can read it, since the passwords of the run stand in it.
import { existsSync, readFileSync } from 'node:fs';
import { runFile } from '../evidence/run-files.ts';
import type { KeptNode } from '../evidence/event.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { writePrivateFile } from '../host/files.ts';
import type { LinkProxy } from '../link/links.ts';
import type { Project } from './compose/project.ts';
import type { Role } from '../postgres/server/primary.ts';

const SCHEMA = 'drill.system/1';

/** A process, told from a later one with the same id by when it started. */
export interface KeptProcess {
  readonly node: string;
  readonly pid: number;
  readonly started: string;
}

export interface KeptServer extends KeptProcess {
  readonly region: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly logFile: string;
}

export interface KeptApp extends KeptProcess {
  readonly region: string;
  readonly host: string;
  readonly port: number;
}

/** A Redis server; where its data is follows from the run's place. */
export type KeptCarts = KeptApp;

/** A system of processes on this machine. */
export interface EmbeddedParts {
  readonly scratch: string;
  /** The zero of the times that its programs tell, on this machine's monotonic clock. */
  readonly origin_ms: number;
  readonly postgres: { readonly version: string; readonly bin: string };
  readonly admin: Role;
  readonly workload: Role;
  readonly servers: readonly KeptServer[];
  /** Null: the system has no Redis. */
  readonly carts: { readonly password: string; readonly servers: readonly KeptCarts[] } | null;
  readonly apps: readonly KeptApp[];
  readonly proxy: KeptProcess & { readonly url: string };
  readonly links: readonly { readonly name: string; readonly proxies: readonly LinkProxy[] }[];
  readonly gslb: KeptProcess & {
    readonly host: string;
    readonly port: number;
    readonly control: { readonly host: string; readonly port: number; readonly token: string };
  };
}

/** A system of containers; what they are is asked of the engine. */
export interface ComposeParts {
  /** Of the docker engine. */
  readonly docker: string;
  readonly origin_ms: number;
  /** What `docker compose` was told, secrets included. */
  readonly project: Project;
}

interface Kept {
  readonly run: string;
  /** How people reach its parts. */
  readonly nodes: readonly KeptNode[];
}

export interface KeptEmbedded extends Kept {
  readonly runtime: 'embedded';
  readonly embedded: EmbeddedParts;
}

export interface KeptCompose extends Kept {
  readonly runtime: 'compose';
  readonly compose: ComposeParts;
}

export type KeptSystem = KeptEmbedded | KeptCompose;

export function writeKeptSystem(directory: string, system: KeptSystem): void {
  const text = `${JSON.stringify({ schema: SCHEMA, ...system }, null, 2)}\n`;
  writePrivateFile(runFile(directory, 'system'), text, null);
}

/** Throws an `EnvironmentError` where there is none that this version of drill can read. */
export function readKeptSystem(directory: string): KeptSystem {
  const file = runFile(directory, 'system');
  const unusable = (found: string) =>
    new EnvironmentError({
      what: `the system in ${directory}`,
      expected: 'a description of it that this version of drill can read',
      found,
      hint: 'bring it down with drill down, and up again with drill up',
    });
  if (!existsSync(file)) throw unusable(`no ${file}`);
  let system: (KeptSystem & { schema?: unknown }) | null;
  try {
    system = JSON.parse(readFileSync(file, 'utf8')) as typeof system;
  } catch (error) {
    throw unusable(`${file}, which cannot be read: ${(error as Error).message}`);
  }
  if (system?.schema === SCHEMA) return system;
  throw unusable(`${file} with the schema ${JSON.stringify(system?.schema)}`);
}
