// What the tests may take of `shares.js`, which plain Node runs.

/** An entry of `test/shares.json`, in seconds. */
export interface Share {
  readonly test?: number;
  readonly full?: number;
  readonly alone?: boolean;
}
export type Table = Readonly<Record<string, Share>>;
type Command = 'test' | 'full';

export function keyOf(table: Table, file: string): string | null;
export function lanesOf(
  table: Table,
  files: readonly string[],
  command: Command,
): { beside: string[][]; alone: string[] };
export function budgetOf(table: Table, command: Command): number;
export function overdrawn(
  table: Table,
  command: Command,
  taken: ReadonlyMap<string, number>,
  scale: number,
): string[];
export function measureScale(): number;
