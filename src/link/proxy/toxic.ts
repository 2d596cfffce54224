// What a toxic is to the built-in proxy: a kind with its settings, and a stage that bends one
// direction of one connection.

/** Where a stage hands on what it lets through: the next stage, or the socket. */
export interface StageOutput {
  write(chunk: Buffer): void;
  /** No more data will come in this direction. */
  end(): void;
  /** Closes the whole connection, after what was written before. */
  close(): void;
  /** Ends the whole connection with RST on both sides, whatever is under way. */
  reset(): void;
}

export interface StageContext {
  readonly output: StageOutput;
  readonly chance: () => number;
  /** Survives an update of the toxic's settings; starts at zero for each connection. */
  readonly memory: { passed_bytes: number };
}

/** A toxic at work on one direction of one connection. */
export interface Stage {
  take(chunk: Buffer): void;
  /** The source sent its last byte. */
  end(): void;
  /** The toxic is removed or replaced: hands on at once whatever it holds, order kept. */
  release(): void;
  /** The connection is gone: forgets everything, stops its timers. */
  discard(): void;
  /** True: read no more from the source for now. */
  isFull(): boolean;
}

/** Names and defaults of the settings, in the order of the API's JSON; whole numbers all. */
export type ToxicSettings = Record<string, number>;

export interface ToxicKind {
  readonly type: string;
  readonly defaults: ToxicSettings;
  /** Removing the toxic closes the connections that it worked on, since their data is gone. */
  readonly isClosingOnRemoval?: boolean;
  begin(settings: ToxicSettings, context: StageContext): Stage;
}

/** A stage that passes everything on; kinds override what they change. */
export function passThrough(output: StageOutput): Stage {
  return {
    take: (chunk) => output.write(chunk),
    end: () => output.end(),
    release: () => {},
    discard: () => {},
    isFull: () => false,
  };
}
