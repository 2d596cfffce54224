// What a person may order of a running drill from elsewhere: `drill declare`, `confirm`, `pause`,
// `resume`, `step`, `halt`. Nothing is ordered that nobody would take up.
import { basename, join } from 'node:path';
import { findRun, runIds, stateOf } from '../../../archive/run-list.ts';
import { PHASES, type RunEvent } from '../../../evidence/event.ts';
import { readJournal } from '../../../evidence/journal.ts';
import { readPlan, runFile } from '../../../evidence/run-files.ts';
import { asCalled } from '../../../screen/command-name.ts';
import { UserError } from '../../../screen/user-error.ts';
import {
  forgetOrders,
  giveOrder,
  ordersFolder,
  type OrderName,
} from '../../../session/operator/orders.ts';
import {
  clearKillSwitch,
  killSwitch,
  throwKillSwitch,
} from '../../../session/operator/kill-switch.ts';
import { askedIn, heldIn } from '../../../session/operator/standing.ts';
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
  /**
   * What is said of it, and the question that it answers. Throws a `UserError` where nobody waits
   * for the order.
   */
  readonly say: (run: Running) => { readonly said: string; readonly about?: string };
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
      const { said, about } = say(run);
      giveOrder(ordersFolder(run.place), order, `drill ${order}`, about);
      context.screen.stdout.write(asCalled(`${said}\n`, context.environment));
      return EXIT.pass;
    },
  };
}

export const declareVerb = orderVerb({
  order: 'declare',
  example: 'the newest run waits for it: "declare: operator"',
  say: (run) => {
    const about = requireAsked(run, 'declare', 'declare a disaster');
    return { said: `declared a disaster in ${run.id}`, about };
  },
});

export const confirmVerb = orderVerb({
  order: 'confirm',
  example: 'a manual step of the newest run is done',
  say: (run) => {
    const about = requireAsked(run, 'confirm', 'confirm a step');
    return { said: `confirmed in ${run.id}: ${about}`, about };
  },
});

export const pauseVerb = orderVerb({
  order: 'pause',
  example: 'hold the newest run before its fault, or before the next step of its recovery',
  say: (run) => {
    const { id } = run;
    if (heldIn(run.events) !== null)
      throw new UserError(`${id} is held already`, { hint: goOn(id) });
    requireMore(run);
    const said = `${id} will be held before its fault or the next step of its recovery`;
    return { said: `${said}; ${goOn(id)}` };
  },
});

export const resumeVerb = orderVerb({
  order: 'resume',
  example: 'a run that is held goes on',
  say: (run) => {
    forgetOrders(ordersFolder(run.place), ['pause']);
    return { said: `${run.id} goes on${heldIn(run.events) === null ? ': nothing holds it' : ''}` };
  },
});

export const stepVerb = orderVerb({
  order: 'step',
  example: 'a run that is held does what it was held before, and is held again',
  say: (run) => {
    const held = heldIn(run.events);
    if (held === null) {
      throw new UserError(`${run.id} is not held`, { hint: `drill pause ${run.id}` });
    }
    return { said: `${run.id} goes on with "${held}", and is held before what comes after` };
  },
});

const haltOne = orderVerb({
  order: 'halt',
  example: 'the newest run heals what it broke, cleans up and ends',
  say: ({ id }) => ({ said: `${id} heals, cleans up and ends: drill watch ${id}` }),
});

/** One run, or, by the kill switch, all of them and whatever would begin. */
export const haltVerb: Verb = {
  ...haltOne,
  options: {
    ...haltOne.options,
    all: { type: 'boolean', describe: 'Throw the kill switch: every run ends, and none begins' },
    clear: { type: 'boolean', describe: 'Take the kill switch back: drills may run again' },
  },
  examples: [
    ...haltOne.examples,
    ['drill halt --all', 'every drill of this folder ends, and none begins any more'],
    ['drill halt --clear', 'drills may run again'],
  ],
  run: async (args, context) => {
    const [all, clear] = [args['all'] === true, args['clear'] === true];
    if (!all && !clear) return await haltOne.run(args, context);
    if (all && clear) throw new UserError('--all and --clear are each other’s opposite');
    if (args['run'] !== runPositional.default)
      throw new UserError(`--${all ? 'all' : 'clear'} takes no run`);
    const runs = await runsOf(args, context);
    const said = all ? haltAll(runs) : clearAll(runs);
    context.screen.stdout.write(asCalled(`${said}\n`, context.environment));
    return EXIT.pass;
  },
};

function haltAll(runs: string): string {
  throwKillSwitch(runs, 'drill halt --all');
  const ids = runIds(runs).filter((id) => stateOf(join(runs, id)) === 'running');
  const ending = ids.length === 0 ? 'no drill runs' : `${ids.join(', ')}: healing, then ending`;
  const thrown = `the kill switch is thrown (${killSwitch(runs)})`;
  return `${thrown}: ${ending}; none begins until drill halt --clear`;
}

function clearAll(runs: string): string {
  if (clearKillSwitch(runs)) return 'the kill switch is taken back: drills may run again';
  return `no kill switch is thrown (${killSwitch(runs)} is not there)`;
}

function running(place: string): Running {
  const id = basename(place);
  if (stateOf(place) !== 'running') {
    throw new UserError(`${id} is not running`, { hint: 'drill list runs' });
  }
  return { id, place, events: readJournal(runFile(place, 'journal')).events };
}

/** What it waits for just that answer to, as it is asked. */
function requireAsked({ id, events }: Running, order: OrderName, what: string): string {
  const asked = askedIn(events);
  if (asked?.order === order) return asked.question;
  throw new UserError(`${id} waits for nobody to ${what}`, { hint: `drill show ${id}` });
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
