// Calls of a restore command, read from the log of the server that made them.

export interface Call {
  readonly found: boolean;
  readonly ms: number;
}

/** Calls of the restore command, as the server's log tells them at `debug3`. */
export function callsIn(log: string): Call[] {
  const lines = log.split('\n').map((line) => ({ at: Date.parse(`${line.slice(0, 23)}Z`), line }));
  return lines.flatMap(({ at, line }, index) => {
    if (!line.includes('executing restore command')) return [];
    const next = lines
      .slice(index + 1)
      .find(({ line }) => /restored log file|could not restore/.test(line));
    return [{ found: next!.line.includes('restored log file'), ms: next!.at - at }];
  });
}
