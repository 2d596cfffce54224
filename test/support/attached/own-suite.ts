// What suites of drills of a stack have in common: each test has a stack of its own, and drills of
// it; all of it goes with the test.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import type { Workplace } from '../whole/drill-cli.ts';
import { runOwn, type OwnDrill, type OwnRun } from './own-drill.ts';
import type { Argv, Stack } from './stack.ts';

export interface OwnSuite {
  /** Of the test that runs. */
  readonly stack: Stack;
  readonly run: (drill: OwnDrill) => Promise<OwnRun>;
  /** It is removed with the test. */
  readonly keep: (place: Workplace) => Workplace;
  /** A script of the team's, in the directory of the stack. */
  readonly script: (name: string, body: string) => Argv;
}

/** Called within a suite. `requires` skips it where a part is missing. */
export function stackOfEach(
  requires: (context: Context) => void,
  start: () => Promise<Stack>,
): OwnSuite {
  let stack: Stack | null = null;
  const places: Workplace[] = [];
  before(function () {
    requires(this);
  });
  beforeEach(async () => {
    stack = await start();
  });
  afterEach(async () => {
    for (const place of places.splice(0)) place.remove();
    await stack?.down();
  });
  const keep = (place: Workplace) => {
    places.push(place);
    return place;
  };
  return {
    get stack() {
      return stack!;
    },
    keep,
    run: async (drill) => {
      const ran = await runOwn(stack!, drill);
      keep(ran.place);
      return ran;
    },
    script: (name, body) => {
      const file = join(stack!.directory, name);
      writeFileSync(file, `#!/bin/sh\n${body}\n`);
      chmodSync(file, 0o755);
      return [file];
    },
  };
}
