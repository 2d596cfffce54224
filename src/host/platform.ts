// Facts about the machine that do not change while drill runs.
import { homedir, tmpdir } from 'node:os';

export interface Platform {
  /** As Node names them: `linux`, `darwin`; `x64`, `arm64`. */
  readonly system: string;
  readonly architecture: string;
  readonly node: string;
  /** Null for a user without one: not in the user database, and no HOME. */
  readonly home: string | null;
  /** As it is set, be it usable or not; `temporaryDirectory` makes sure. */
  readonly temporary: string;
}

export function platform(): Platform {
  return {
    system: process.platform,
    architecture: process.arch,
    node: process.versions.node,
    home: homeOrNull(),
    temporary: tmpdir(),
  };
}

function homeOrNull(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}
