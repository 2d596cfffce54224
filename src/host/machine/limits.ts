// What the system lets each process have.
import { readFileSync } from 'node:fs';

/** Open files, which Node has raised as far as it may; null where the system does not say. */
export function descriptorsMax(): number | null {
  try {
    const text = readFileSync('/proc/self/limits', 'utf8');
    const said = /^Max open files +(\S+)/m.exec(text)?.[1];
    if (said === undefined) return null;
    return said === 'unlimited' ? Infinity : Number(said);
  } catch {
    return null;
  }
}
