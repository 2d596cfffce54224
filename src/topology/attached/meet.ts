// Meets the servers of a system of somebody's own: nothing is changed, and nothing is made. What is
// found must be what somebody has agreed to.
import type { OwnPlan } from '../../drill/own-plan.ts';
import { differencesFrom, type Difference } from '../../drill/consent/consent.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import { NOT_TOLD } from '../../drill/attached/consent-form.ts';
import { commandOutput } from '../../host/process/command-output.ts';
import { connectHint } from '../../host/database/words.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { orProblem } from '../../host/operation-failed.ts';
import { ASKING, type OwnServer } from '../../postgres/own/server.ts';
import { identifierOf, logOf, type Told } from '../../postgres/own/told.ts';
import { oneRow, withConnection } from '../../postgres/server/connection.ts';
import type { Variables } from '../runtime.ts';
import { ownServers } from './servers.ts';
import { OWN_ADDRESS } from '../../postgres/server/self.ts';

const IDENTITY_MS = 20_000;

/** What a server says of itself when drill comes. */
export interface Acquainted {
  readonly server: OwnServer;
  readonly version: string;
  /** Which system it is, by PostgreSQL; or `NOT_TOLD`. */
  readonly identifier: string;
  readonly isStandby: boolean;
  /** Its address as it sees it: `10.0.1.11:5432`. */
  readonly own: string;
}

export interface Met {
  readonly known: readonly Acquainted[];
  readonly primary: Acquainted;
  /** What the primary tells of its write-ahead log. */
  readonly log: Told;
}

/** Rejects where one cannot be met, where there is not one primary, or where they are no system. */
export async function meet(planned: PlannedSystem, environment: Variables): Promise<Met> {
  const servers = await ownServers(planned, environment);
  const known = await Promise.all(servers.map((server) => acquaint(server, planned)));
  const primary = onlyPrimary(known);
  const log = withConnection(primary.server.address, ASKING, logOf);
  return {
    known,
    primary,
    log: await orProblem(log, (error) => cannotMeet(primary.server, error)),
  };
}

/** Whether this machine speaks to what the drill file says; null: it does, or nobody asks. */
export async function identityDifference(
  { identity }: PlannedSystem,
  environment: Variables,
): Promise<Difference | null> {
  if (identity === null) return null;
  const { command, is } = identity;
  const asking = commandOutput(command, { environment, atMost_ms: IDENTITY_MS });
  const printed = await orProblem(asking, () => ({
    what: 'topology.system.identity',
    expected: 'the command to say which system this machine speaks to',
    hint: `try it: ${command.join(' ')}`,
  }));
  const found = printed.trim();
  const point = 'topology.system.identity';
  return found === is ? null : { point, expected: is, found: found.slice(0, SHOWN) || 'nothing' };
}

const SHOWN = 200;

/**
 * The servers, or in what they are not those that were agreed to: told by the identifier of the
 * system, whatever its addresses lead to now. No server is asked anything before it is known whom
 * this machine speaks to.
 */
export async function meetAgreed(
  planned: PlannedSystem,
  environment: Variables,
): Promise<Met | Difference> {
  const other = await identityDifference(planned, environment);
  if (other !== null) return other;
  const met = await meet(planned, environment);
  const expected = planned.consent?.system_identifier;
  const found = met.primary.identifier;
  if (expected === undefined || expected === found) return met;
  return { point: 'the system identifier', expected, found };
}

/** Rejects where nobody has agreed to the plan, or to another one. */
export function requireAgreed(plan: OwnPlan, now_ms: number): void {
  const { consent } = plan.attached;
  if (consent === undefined) {
    const expected = 'the consent of whoever it is of';
    throw refusal({ point: 'a system of your own', expected, found: 'none' });
  }
  const [first] = differencesFrom(consent, plan, now_ms);
  if (first !== undefined) throw refusal(first);
}

/** As a problem of the environment, for a run that has begun. */
export function refusal({ point, expected, found }: Difference): EnvironmentError {
  const hint = 'drill attach FILE looks again, and writes a new consent; nothing was changed';
  return new EnvironmentError({ what: point, expected, found, hint });
}

async function acquaint(server: OwnServer, planned: PlannedSystem): Promise<Acquainted> {
  const asking = withConnection(server.address, ASKING, async (client) => {
    const facts = await oneRow<Omit<Acquainted, 'server' | 'identifier'>>(
      client,
      `select current_setting('server_version') as version,
         pg_is_in_recovery() as "isStandby",
         ${OWN_ADDRESS} as own`,
    );
    return { facts, identity: await identifierOf(client) };
  });
  const { facts, identity } = await orProblem(asking, (error) => cannotMeet(server, error));
  if (identity.told === null && planned.identity === null) throw nameless(server, identity);
  return { server, ...facts, identifier: identity.told ?? NOT_TOLD };
}

function cannotMeet({ node, address }: OwnServer, error: unknown) {
  return {
    what: `${node}, at ${address.own?.shown ?? address.host}`,
    expected: 'to be let in: every server has to be healthy before a drill',
    hint: connectHint(error, 'topology.system.password') ?? 'ask it with psql, as this role',
  };
}

/** Without it nobody knows later whether it is the system that was agreed to. */
function nameless({ node, address }: OwnServer, { why: found }: Told): EnvironmentError {
  const what = `which system ${node} is of`;
  const expected = 'pg_control_system() to tell its system identifier';
  const grant = `grant execute on function pg_control_system() to ${address.user}`;
  const hint = `${grant}; or have topology.system.identity say which system it is`;
  return new EnvironmentError({ what, expected, found, hint });
}

/** Rejects where there is none, or two, or where they are no one system. */
function onlyPrimary(known: readonly Acquainted[]): Acquainted {
  const identifiers = new Set(known.map(({ identifier }) => identifier));
  const which = ({ server, identifier }: Acquainted) => `${server.node} ${identifier}`;
  if (identifiers.size > 1) {
    throw new EnvironmentError({
      what: 'topology.system.databases',
      expected: 'servers of one system, with the same system identifier',
      found: known.map(which).join(', '),
      hint: 'take out the one that is a copy of something else',
    });
  }
  const primaries = known.filter(({ isStandby }) => !isStandby);
  const [only, second] = primaries;
  if (only !== undefined && second === undefined) return only;
  throw new EnvironmentError({
    what: 'topology.system.databases',
    expected: 'one primary among them',
    found: only === undefined ? 'none' : primaries.map(({ server }) => server.node).join(' and '),
    hint: 'name every server that can be the primary; nothing was changed',
  });
}
