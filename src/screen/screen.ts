// Facts about a terminal, taken once at the process edge and passed in, so that nothing else looks
// at `process`.

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly hasColour: boolean;
  /** Whether only ASCII can be shown; absent: bars and lines can. */
  readonly isPlain?: boolean;
  /** Characters; 80 where nothing is known. */
  columns(): number;
  rows(): number;
  /** Opens an area at the bottom that is redrawn in place; absent where the cursor cannot move. */
  readonly openArea?: () => LiveArea;
}

/** While it is open, what is written to its output appears above it. */
export interface LiveArea {
  draw(text: string): void;
  /** Erases it and gives the cursor back. Closing twice is fine. */
  close(): void;
}

/** stdout is the result, stderr the progress. */
export interface Screen {
  readonly stdout: Output;
  readonly stderr: Output;
}
