// `drill heartbeat`: a row of drill's own in a database that you have, written all the time, so
// that a restored backup shows exactly how old it is.
import { parseDuration } from '../../../base/units.ts';
import { hostClock } from '../../../host/clock.ts';
import { HEARTBEAT_TABLE, type HeartbeatPlace } from '../../../postgres/own/heartbeat.ts';
import { UserError } from '../../../screen/user-error.ts';
import {
  addressOfHeartbeat,
  findHeartbeat,
  installHeartbeat,
  keepBeating,
  uninstallHeartbeat,
} from '../../../session/restore/heartbeat.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../../verdict/exit-code.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';

const USUAL = '1s';
const EVERY_AT_LEAST_MS = 100;
const ADDRESS = 'postgres://drill@db.internal:5432/app';

export const heartbeatVerb: Verb = {
  command: 'heartbeat <action> <address>',
  positionals: {
    action: {
      choices: ['install', 'run', 'remove'],
      describe: 'install: make the table; run: write it until it is stopped; remove: drop it',
    },
    address: { describe: 'Of the primary, as the clients reach it; the password is PGPASSWORD' },
  },
  options: {
    yes: { type: 'boolean', describe: 'Do it: without it, install and remove only look' },
    every: { default: USUAL, describe: 'How often run writes' },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    [`drill heartbeat install ${ADDRESS} --yes`, 'one table of one row, in a schema of its own'],
    [`drill heartbeat run ${ADDRESS}`, 'one write a second, until it is stopped'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const { screen, environment } = context;
  const address = addressOfHeartbeat(String(args['address']), environment['PGPASSWORD']);
  const action = String(args['action']);
  const every = String(args['every']);
  const every_ms = parseDuration(every);
  if (every_ms === null || every_ms < EVERY_AT_LEAST_MS) {
    throw new UserError(`--every: expected a duration of 100ms or more, got "${every}"`);
  }
  const place = await findHeartbeat(address);
  if (place.problem !== null) {
    throw new UserError(`no heartbeat in ${place.database}: ${place.problem}`);
  }
  if (action === 'run') return await beatOn(context, place, { address, every_ms });
  const { database, role, system } = place;
  const what = `${HEARTBEAT_TABLE} in the database ${database} of the cluster ${system}`;
  const does = action === 'install' ? 'makes' : 'drops';
  if (args['yes'] !== true) {
    throw new UserError(`this ${does} ${what}, as ${role}; nothing was done`, {
      hint: `drill heartbeat ${action} ${String(args['address'])} --yes`,
    });
  }
  await (action === 'install' ? installHeartbeat : uninstallHeartbeat)(address);
  screen.stdout.write(`${action === 'install' ? 'made' : 'dropped'}: ${what}\n`);
  return EXIT.pass;
}

async function beatOn(
  { screen, interrupt }: CliContext,
  { isMade, database }: HeartbeatPlace,
  { address, every_ms }: Pick<Parameters<typeof keepBeating>[0], 'address' | 'every_ms'>,
): Promise<number> {
  if (!isMade) {
    throw new UserError(`there is no ${HEARTBEAT_TABLE} in ${database}`, {
      hint: 'drill heartbeat install ADDRESS --yes',
    });
  }
  await keepBeating({
    address,
    every_ms,
    clock: hostClock(),
    signal: interrupt,
    onChange: (state) => {
      const text = 'at' in state ? `beating since ${state.at.toISOString()}` : state.problem;
      screen.stderr.write(`${'at' in state ? '' : 'no beat: '}${text}\n`);
    },
  });
  return EXIT.pass;
}
