// What a person may order of a running drill from elsewhere: `drill declare`, `confirm`, `pause`,
// `resume`, `step`, `halt`. Nothing is ordered that nobody would take up.
import { basename } from 'node:path';
import { findRun, stateOf } from '../../../archive/run-list.ts';
import { PHASES, type RunEvent } from '../../../evidence/event.ts';
import { readJournal } from '../../../evidence/journal.ts';
import { readPlan, runFile } from '../../../evidence/run-files.ts';
import { UserError } from '../../../screen/user-error.ts';
import {
  forgetOrders,
  giveOrder,
  ordersFolder,
  type OrderName,
} from '../../../session/operator/orders.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../../verdict/exit-code.ts';
import { outOption, runPositional, runsOf } from '../../run-options.ts';
import type { Verb } from '../../verb.ts';

/** A run that is being made. */
interface Running {
  readonly id: string;
  readonly place: string;
  readonly events: readonly RunEvent[];
}

interface OrderVerb {
  readonly order: OrderName;
  readonly example: string;
  /** Throws a `UserError` where nobody waits for the order; resolves to what is said of it. */
  readonly say: (run: Running) => string;
}

function orderVerb({ order, example, say }: OrderVerb): Verb {
  return {
    command: `${order} [run]`,
    positionals: { run: runPositional },
    options: { out: outOption },
    exits: EXITS_WITHOUT_VERDICT,
    examples: [[`drill ${order}`, example]],
    run: async (args, context) => {
      const runs = await runsOf(args, context);
      const run = running(findRun(runs, String(args['run']), context.directory));
      const said = say(run);
      giveOrder(ordersFolder(run.place), order, `drill ${order}`);
      context.screen.stdout.write(`${said}\n`);
      return EXIT.pass;
    },
  };
}

export const declareVerb = orderVerb({
  order: 'declare',
  example: 'the newest run waits for it: "declare: operator"',
  say: (run) => {
    requireAsked(run, 'declare', 'declare a disaster');
    return `declared a disaster in ${run.id}`;
  },
});

export const confirmVerb = orderVerb({
  order: 'confirm',
  example: 'a manual step of the newest run is done',
  say: (run) => {
    const step = requireAsked(run, 'confirm', 'confirm a step');
    return `confirmed in ${run.id}: ${step}`;
  },
});

export const pauseVerb = orderVerb({
  order: 'pause',
  example: 'hold the newest run before its fault, or before the next step of its recovery',
  say: (run) => {
    const { id } = run;
    if (heldBy(run) !== null) throw new UserError(`${id} is held already`, { hint: goOn(id) });
    requireMore(run);
    return `${id} will be held before its fault or the next step of its recovery; ${goOn(id)}`;
  },
});

export const resumeVerb = orderVerb({
  order: 'resume',
  example: 'a run that is held goes on',
  say: (run) => {
    forgetOrders(ordersFolder(run.place), ['pause']);
    return `${run.id} goes on${heldBy(run) === null ? ': nothing holds it' : ''}`;
  },
});

export const stepVerb = orderVerb({
  order: 'step',
  example: 'a run that is held does what it was held before, and is held again',
  say: (run) => {
    const held = heldBy(run);
    if (held === null) {
      throw new UserError(`${run.id} is not held`, { hint: `drill pause ${run.id}` });
    }
    return `${run.id} goes on with "${held}", and is held before what comes after`;
  },
});

export const haltVerb = orderVerb({
  order: 'halt',
  example: 'the newest run heals what it broke, cleans up and ends',
  say: ({ id }) => `${id} heals, cleans up and ends: drill watch ${id}`,
});

/** What comes after a question to a person, however it is answered. */
const ANSWERED = /^(disaster\.|step\.(confirmed|failed)|phase\.ended)/;

function running(place: string): Running {
  const id = basename(place);
  if (stateOf(place) !== 'running') {
    throw new UserError(`${id} is not running`, { hint: 'drill list runs' });
  }
  return { id, place, events: readJournal(runFile(place, 'journal')).events };
}

/** What it waits for just that answer to, as it is asked. */
function requireAsked({ id, events }: Running, order: OrderName, what: string): string {
  const last = events.findLast(({ event }) => ANSWERED.test(event) || event === 'operator.asked');
  if (last?.event === 'operator.asked' && last.order === order) return last.question;
  throw new UserError(`${id} waits for nobody to ${what}`, { hint: `drill show ${id}` });
}

/** What it is held before; null: it is not held. */
function heldBy({ events }: Running): string | null {
  const last = events.findLast(({ event }) => event === 'run.held' || event === 'run.released');
  return last?.event === 'run.held' ? last.before : null;
}

/** After the last step of the recovery nothing is left that could be held, but a failback. */
function requireMore({ id, place, events }: Running): void {
  const phases = events.flatMap((each) => (each.event === 'phase.started' ? [each.phase] : []));
  const reached = phases.at(-1) ?? PHASES[0];
  const last = readPlan(place).failback ? 'failback' : 'recover';
  const isRecovered = events.some(({ event }) => event === 'recovery.finished');
  const isOver = last === 'recover' && isRecovered;
  if (PHASES.indexOf(reached) <= PHASES.indexOf(last) && !isOver) return;
  throw new UserError(`${id} has no step left that could be held`, { hint: `drill watch ${id}` });
}

function goOn(id: string): string {
  return `drill resume ${id}, drill step ${id}`;
}
