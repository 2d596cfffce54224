// The end of a name that says which process makes the thing: until it is whole and gets its own
// name, or is not needed any more. What a killed process leaves is known by it.
import { readlinkSync } from 'node:fs';

const ENDING = /\.(?:making|broken)-(\d+)(?:-(\d+))?$/;

/** With this process' id and, where there is one, the namespace that counts it. */
export function makerEnding(): string {
  const namespace = ownNamespace();
  return namespace === undefined ? `${process.pid}` : `${process.pid}-${namespace}`;
}

/** Null where the name says none; `isSeen`: its id is counted in this namespace. */
export function makerOf(name: string): { readonly pid: number; readonly isSeen: boolean } | null {
  const [, maker, namespace] = ENDING.exec(name) ?? [];
  if (maker === undefined) return null;
  return { pid: Number(maker), isSeen: namespace === undefined || namespace === ownNamespace() };
}

/** `4026531836` */
function ownNamespace(): string | undefined {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  } catch {
    return undefined;
  }
}
