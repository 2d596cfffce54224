// Whether a file is a report of drill, which a new one may take the place of.
import { closeSync, openSync, readSync } from 'node:fs';

/** Enough for what a report begins with. */
const HEAD_BYTES = 1_024;

/** How each form begins, those of several runs and of a comparison too. */
const BEGINNINGS: readonly RegExp[] = [
  /^<!doctype html>[^]*(<meta name="generator" content="drill">|default-src &#39;none&#39;)/,
  /^<\?xml [^]*<testsuites name="drill"/,
  /^[[{]\s*(\{\s*)?"schema": "drill\./,
  /^### (PASS|FAIL|INCONCLUSIVE|ENVIRONMENT|UNCLEAN|INTERRUPTED|INTERNAL ERROR|No result): /,
  /^\| \w+ \| [^]*\n\| verdict \| /,
  /^TAP version 14\n/,
  /^# (TYPE drill_|EOF)/,
  /^::(error|warning) /,
  /^\s*$/,
];

/** An empty file is anybody's. */
export function isOwnReport(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString('utf8', 0, readSync(file, head));
    return BEGINNINGS.some((beginning) => beginning.test(text));
  } finally {
    closeSync(file);
  }
}
