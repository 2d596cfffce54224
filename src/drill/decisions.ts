// Who decides in a disaster that it is one.

/** Who says that a disaster is one, from when on it is recovered from. */
export type Declaration =
  | { readonly by: 'automatic' }
  /** So long after detection. */
  | { readonly by: 'after'; readonly after_ms: number }
  /** Somebody presses Enter. */
  | { readonly by: 'operator' }
  /** A command that exits 0. */
  | { readonly by: 'command'; readonly command: readonly string[] };
