// Looks at a system of somebody's own, as `drill attach` shows it; and tries those of its commands
// that only tell something.
import { isDeepStrictEqual } from 'node:util';
import type { Allowed } from '../../drill/attached/consent-form.ts';
import type { OwnPlan } from '../../drill/own-plan.ts';
import { ownCommands, type OwnCommand } from '../../drill/consent/commands.ts';
import { endpointOf } from '../../drill/attached/own-way.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { placeInWords } from '../../drill/database-address.ts';
import { hostClock } from '../../host/clock.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import { connectTo } from '../../host/probe.ts';
import { ASKING } from '../../postgres/own/server.ts';
import { survey, type Survey } from '../../postgres/own/survey.ts';
import { keptWords } from '../../postgres/own/told.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { Variables } from '../runtime.ts';
import { askCommand } from './ask-command.ts';
import { identityDifference, meet, refusal, type Acquainted, type Met } from './meet.ts';
import { lookAtRails, railCheck } from './rails/rails.ts';
import type { RailSeen } from './rails/rail.ts';
import { countingOf, requireNothingCounted } from './count.ts';
import { namedPrimary } from './primary.ts';
import { ownWayOf, requireLed } from './way.ts';

const TRY_MS = 20_000;

/** What was found of one server. */
export interface ServerFound extends Survey {
  readonly node: string;
  /** `drill@10.0.1.11:5432/app` */
  readonly address: string;
  readonly version: string;
  readonly isPrimary: boolean;
}

export interface SystemFound {
  readonly identifier: string;
  readonly servers: readonly ServerFound[];
  /** What the primary does not tell of its log, in words; null: it tells all that is asked. */
  readonly kept: string | null;
  /** Besides the one that takes seconds: the traffic of others. */
  readonly rails: readonly RailSeen[];
}

/** Only reads. Rejects where it is not the system that the drill file says. */
export async function lookAround(
  plan: OwnPlan,
  allow: readonly Allowed[],
  environment: Variables,
): Promise<SystemFound> {
  const { attached } = plan;
  const other = await identityDifference(attached, environment);
  if (other !== null) throw refusal(other);
  const met = await meet(attached, environment);
  const servers = await Promise.all(met.known.map(serverFound));
  const rails = await lookAtRails(plan, met, { allow, clock: null });
  const { primary, log } = met;
  const kept = log.told === null ? keptWords(primary.server.node, log) : null;
  return { identifier: primary.identifier, servers, kept, rails };
}

async function serverFound({ server, version, isStandby }: Acquainted): Promise<ServerFound> {
  const { node, address } = server;
  const found = await withConnection(address, ASKING, survey);
  const where = placeInWords(address.own ?? { shown: `${address.host}:${address.port}` });
  return { node, address: where, version, isPrimary: !isStandby, ...found };
}

/** What became of a command that was tried. */
export interface Tried {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const SHOWN = 200;
const CONNECT_MS = 2_000;
/** No run has such an id. */
const NO_RUN = 'dry-run';
const STOP = 'topology.guard.stop_when';

/** Looks at every rail, asks who is the primary, and runs what only tells something. */
export async function tryCommands(plan: OwnPlan, environment: Variables): Promise<Tried[]> {
  const { attached } = plan;
  const met = await meet(attached, environment);
  const allow = attached.consent?.allow ?? [];
  const rails = await lookAtRails(plan, met, { allow, clock: hostClock() });
  const tried = rails.map(railCheck).map(({ name, ok, detail }) => ({ what: name, ok, detail }));
  tried.push(await tryPrimary(attached, met, environment));
  tried.push(...(await tryClients(attached, met, environment)));
  for (const command of ownCommands(plan)) {
    const { of, use } = command;
    const isAsked = use === 'seen' || of === STOP;
    const isNoYet = of === STOP || isSeenOfFault(plan, command);
    if (isAsked) tried.push(await trySeen(command, isNoYet, environment));
    if (of === 'topology.system.settings') tried.push(await tryAsked(command, environment));
  }
  return tried;
}

/** Whether it only tells something, so that it is tried, or asked before that. */
export function isTried({ of, use }: OwnCommand): boolean {
  return use === 'seen' || of.startsWith('topology.');
}

/** What is seen of a step may be so before anything is broken, such as where the primary is. */
function isSeenOfFault({ faults }: OwnPlan, { of, command }: OwnCommand): boolean {
  return faults.some((fault) => {
    if (fault.kind !== 'command' || fault.title !== of || fault.seen.by !== 'command') return false;
    return isDeepStrictEqual(fault.seen.command, command);
  });
}

async function tryPrimary(
  { primary: how }: PlannedSystem,
  { known, primary }: Met,
  environment: Variables,
): Promise<Tried> {
  const what = 'topology.system.primary';
  const servers = known.map(({ server }) => server);
  const picture = known.map(({ server: { node }, isStandby }) => {
    const state = isStandby ? ('standby' as const) : ('primary' as const);
    return { node, asked_ms: 0, answered_ms: 0, state, timeline: null, detail: '' };
  });
  try {
    const { node } = await namedPrimary({ how, servers, picture, environment });
    return { what, ok: node === primary.server.node, detail: `it says ${node}` };
  } catch (error) {
    return { what, ok: false, detail: reasonOf(error) };
  }
}

/** Nothing is written: the way is gone, and what would be counted of a run that never was. */
async function tryClients(
  planned: PlannedSystem,
  { known, primary, log }: Met,
  environment: Variables,
): Promise<Tried[]> {
  const run = { id: NO_RUN, timeout_ms: planned.hurt_for_ms, table: '', timeline: '' };
  const tried = [
    await tryOut('topology.system.clients', async () => {
      const way = await ownWayOf(planned, known, run, environment);
      if (way.by === 'sql') return await requireLed(way, planned);
      const { clients } = planned;
      if (clients.by !== 'http') return 'it can be begun';
      const { host, port } = endpointOf(clients.url);
      const found = await connectTo(host, port, CONNECT_MS);
      if (found !== 'connected') {
        throw new OperationFailed({ what: `${host}:${port}`, expected: 'a connection', found });
      }
      return `${host}:${port} takes connections; nothing was sent`;
    }),
  ];
  if (planned.count === undefined) return tried;
  const counting = countingOf(planned, { run: NO_RUN, table: '', log }, environment);
  const count = await tryOut('topology.system.count', async () => {
    await requireNothingCounted(planned, counting, primary.server);
    return 'it finds nothing of a run that never was';
  });
  return [...tried, count];
}

async function tryOut(what: string, work: () => Promise<string>): Promise<Tried> {
  try {
    return { what, ok: true, detail: await work() };
  } catch (error) {
    return { what, ok: false, detail: reasonOf(error).slice(0, SHOWN) };
  }
}

async function tryAsked({ of: what, command }: OwnCommand, environment: Variables): Promise<Tried> {
  return await tryOut(what, async () => {
    const printed = await commandOutput(command, { environment, atMost_ms: TRY_MS });
    return `${printed.length} characters`;
  });
}

/** Nothing is broken yet, so that one which sees it broken would see that always. */
async function trySeen(
  { of, command }: OwnCommand,
  isNoYet: boolean,
  environment: Variables,
): Promise<Tried> {
  const what = of === STOP ? of : `seen of ${of}`;
  const { ok, detail } = await askCommand(() =>
    commandOutput(command, { environment, atMost_ms: TRY_MS }),
  );
  const shown = (isRight: boolean, said: string): Tried => {
    return { what, ok: isRight, detail: said.slice(0, SHOWN) };
  };
  if (ok === null) return shown(false, `it says neither yes nor no: ${detail}`);
  if (!isNoYet) return shown(true, `${ok ? 'so already' : 'not so yet'}: ${detail}`);
  if (ok) return shown(false, `${detail}, and nothing is broken yet`);
  return shown(true, `not broken yet: ${detail}`);
}
