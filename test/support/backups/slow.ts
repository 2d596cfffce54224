// A program that takes too long, in the place of the real one.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../../src/host/files.ts';

const OPEN = 0o755;

/** An environment in which `name` never comes to its end where one of its words is `word`. */
export function withSlow(directory: string, name: string, word: string): NodeJS.ProcessEnv {
  const place = join(directory, `slow-${name}`);
  const real = findProgram(name, process.env['PATH'])!;
  mkdirSync(place);
  chmodSync(place, OPEN);
  const script = join(place, name);
  const cases = `case " $* " in *" ${word} "*) exec sleep 60 ;; esac`;
  writeFileSync(script, `#!/bin/sh\n${cases}\nexec '${real}' "$@"\n`);
  chmodSync(script, OPEN);
  return { ...process.env, PATH: `${place}:${process.env['PATH']}` };
}
