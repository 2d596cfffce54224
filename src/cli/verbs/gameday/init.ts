// `drill gameday init`: writes a commented game-day file. Never overwrites.
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeDirectories } from '../../../host/files.ts';
import { isRefused } from '../../../host/machine/machine-error.ts';
import { asCalled } from '../../../screen/command-name.ts';
import { shellWord } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn } from './files.ts';

const FILE = 'weekly.yaml';

const TEXT = `# A game day: drills on a schedule, with a record of what came of them.
gameday: 1
name: weekly
description: Are we back within what we promise, this week too?

# Five fields of cron and a time zone; several lines are possible.
schedule: '0 10 * * TUE Europe/Berlin'
blocked_dates: ['12-24..01-02 Europe/Berlin']
# What becomes of one that was due while no service ran: run, skip or report.
if_missed: report

# Each is a drill file, or the name of a drill that comes with drill.
drills:
  - region-outage
  # - { drill: drills/ours.yaml, repeat: 3, set: { targets.rto: 5s } }
  # A gate that is known to fail keeps the day green, and turns it red once it passes:
  # - { drill: too-tight, findings: { rto: 'OPS-412: promotion is slow' } }

# after_failure: continue
# preconditions: [last-drill-was-clean, { url: 'http://127.0.0.1:8080/health' }]
# approve: operator
# roles: { owner: Ada, on_call: Grace }
`;

export function initFile(args: VerbArguments, context: CliContext): Promise<number> {
  const [file = FILE] = namedIn(args);
  const path = resolve(context.directory, file);
  try {
    makeDirectories(dirname(path));
    writeFileSync(path, TEXT, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') {
      const exitCode = isRefused(error) ? EXIT.environment : EXIT.usage;
      throw new UserError(`${file} cannot be written: ${message}`, { exitCode });
    }
    throw new UserError(`${file} is there already and was left as it is`, {
      hint: `drill gameday check ${shellWord(file)}`,
    });
  }
  const next = asCalled(`drill gameday run ${shellWord(file)}`, context.environment);
  context.screen.stdout.write(`wrote ${file}\nnext: ${next}\n`);
  return Promise.resolve(EXIT.pass);
}
