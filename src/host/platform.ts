// Facts about the machine that do not change while drill runs.
import { homedir, tmpdir } from 'node:os';

export function platform() {
  return {
    /** As Node names them: `linux`, `darwin`; `x64`, `arm64`. */
    system: process.platform as string,
    architecture: process.arch as string,
    node: process.versions.node,
    /** Null for a user without one: not in the user database, and no HOME. */
    home: homeOrNull(),
    /** As it is set, be it usable or not; `temporaryDirectory` makes sure. */
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
