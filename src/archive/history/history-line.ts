// The lines of `history.ndjson`: what a run measured, so that it is known when its folder is gone,
// and under which facts, once for all runs that share them. Each line has a checksum of its own.
import { crc32 } from 'node:zlib';
import type { Gate, Verdict } from '../../verdict/result.ts';

/** What can change between two runs of a drill. */
export interface RunFacts {
  /** By the keys of the drill file, without its seed. */
  readonly conditions: Readonly<Record<string, string>>;
  /** Of the runtime, drill, PostgreSQL, the proxy and images. */
  readonly versions: Readonly<Record<string, string>>;
  /** Settings of the system that change the numbers. */
  readonly settings: Readonly<Record<string, string>>;
  readonly machine: string | null;
}

export interface HistoryEntry {
  readonly schema: 'drill.history/1';
  readonly id: string;
  /** The series that it was a trial of; null: of none, or of none that is known. */
  readonly series: string | null;
  /** When it began, UTC. */
  readonly at: string;
  readonly drill: { readonly name: string; readonly sha256: string; readonly strategy: string };
  /** Null where nothing was brought up. */
  readonly runtime: string | null;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly gates: readonly Pick<
    Gate,
    'name' | 'unit' | 'bound' | 'target' | 'measured' | 'verdict'
  >[];
  /** Whether nothing speaks against its recovery time. */
  readonly counts: boolean;
  /** From the fault; null: never back, or not measured. */
  readonly rto_ms: number | null;
  readonly rto_from_declaration_ms: number | null;
  readonly rpo_ms: number | null;
  readonly lost: number | null;
  readonly phases: Readonly<Record<string, number | null>>;
  /** The hash of its `RunFacts`. */
  readonly facts: string;
  /** Whether its result was the one that its journal names. */
  readonly verified: boolean;
  readonly result: { readonly sha256: string; readonly bytes: number; readonly mtime_ms: number };
}

interface FactsLine {
  readonly schema: 'drill.history-facts/1';
  readonly hash: string;
  readonly facts: RunFacts;
}

export type HistoryLine = HistoryEntry | FactsLine;

const SUM = /,"sum":"([0-9a-f]{8})"\}$/;

export function writeLine(line: HistoryLine): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}\n`;
}

/** Null for a line that is not as it was written, or of another version of drill. */
export function readLine(text: string): HistoryLine | null {
  const [, claimed] = SUM.exec(text) ?? [];
  if (claimed === undefined) return null;
  const whole = `${text.slice(0, -`,"sum":"${claimed}"}`.length)}}`;
  if (sumOf(whole) !== claimed) return null;
  try {
    const line = JSON.parse(whole) as HistoryLine;
    return line.schema === 'drill.history/1' || line.schema === 'drill.history-facts/1'
      ? line
      : null;
  } catch {
    return null;
  }
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
