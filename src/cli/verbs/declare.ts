// `drill declare`: declares the disaster that a running drill waits for somebody to declare.
import { basename } from 'node:path';
import { findRun, stateOf } from '../../archive/run-list.ts';
import { readJournal } from '../../evidence/journal.ts';
import { runFile } from '../../evidence/run-files.ts';
import { UserError } from '../../screen/user-error.ts';
import { giveOrder, ordersFolder } from '../../session/operator/orders.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { outOption, runPositional, runsOf } from '../run-options.ts';
import type { Verb } from '../verb.ts';

export const declareVerb: Verb = {
  command: 'declare [run]',
  positionals: { run: runPositional },
  options: { out: outOption },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [['drill declare', 'the newest run waits for it: "declare: operator"']],
  run: async (args, context) => {
    const runs = await runsOf(args, context);
    const place = findRun(runs, String(args['run']), context.directory);
    requireAsked(place);
    giveOrder(ordersFolder(place), 'declare', 'drill declare');
    context.screen.stdout.write(`declared a disaster in ${basename(place)}\n`);
    return EXIT.pass;
  },
};

/** Nothing is written where nobody would read it. */
function requireAsked(place: string): void {
  const id = basename(place);
  if (stateOf(place) !== 'running') {
    throw new UserError(`${id} is not running`, { hint: 'drill list runs' });
  }
  const { events } = readJournal(runFile(place, 'journal'));
  const last = events.findLast(
    ({ event }) => event === 'operator.asked' || event.startsWith('disaster.'),
  );
  if (last?.event === 'operator.asked') return;
  throw new UserError(`${id} waits for nobody to declare a disaster`, { hint: `drill show ${id}` });
}
