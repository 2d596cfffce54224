// `drill attach FILE`: looks at a system of somebody's own, shows what a drill would run there, and
// writes the consent to it. With `--dry-run` it tries what only tells something.
import { formatBytes } from '../../base/units.ts';
import {
  ALLOWED,
  CONSENT_DAYS,
  NOT_TOLD,
  type Allowed,
  type SystemConsent,
} from '../../drill/attached/consent-form.ts';
import { commandRows, limitRows } from '../../report/own-commands.ts';
import { shortPath } from '../../report/reporters.ts';
import { asCalled } from '../../screen/command-name.ts';
import { count, printable, shellWord, table } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { attachTo, dryRun, type Attached } from '../../session/attached/attach.ts';
import type { DrillRead } from '../../session/read.ts';
import type { ServerFound } from '../../topology/attached/look-around.ts';
import type { RailSeen, Refusal } from '../../topology/attached/rails/rail.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { confirmedOf, confirmOption } from '../confirm-option.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

const DAYS = 30;
const NAMELESS = 'system of a name that topology.system.identity alone says';

export const attachVerb: Verb = {
  command: 'attach <file>',
  positionals: { file: { describe: 'A drill file with topology.system' } },
  options: {
    set: drillOptions.set,
    allow: {
      array: true,
      describe: `What is allowed beyond the rules: ${ALLOWED.join(' or ')} (repeatable)`,
    },
    days: {
      type: 'number',
      describe: `How long the consent lasts, ${CONSENT_DAYS} at most (default ${DAYS})`,
    },
    'dry-run': {
      type: 'boolean',
      describe: 'Try the commands that only tell something, on the consent that is there',
    },
    confirm: confirmOption,
    json: { type: 'boolean', describe: 'Print JSON' },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill attach staging.yaml', 'looks, and writes the consent; nothing else is done'],
    ['drill attach staging.yaml --days 7 --allow live-traffic', 'a shorter one that allows more'],
    ['drill attach staging.yaml --dry-run --confirm my-drill', 'are its commands right?'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const drills = await readDrills([String(args['file'])], flagsOf(args), context);
  if ('exit' in drills) return drills.exit;
  const [read] = drills;
  const isJson = args['json'] === true;
  if (args['dry-run'] === true) return await tryOut(read!, args, context, isJson);
  const attached = await attachTo(read!, context, { allow: allowOf(args), days: daysOf(args) });
  const { stdout } = context.screen;
  if (isJson) {
    const { found, consent, file, sha256 } = attached;
    const report = { schema: 'drill.attach/1', found, consent, file, sha256 };
    stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else stdout.write(`${attachText(read!, attached, context).join('\n')}\n`);
  return EXIT.pass;
}

async function tryOut(
  read: DrillRead,
  args: VerbArguments,
  context: CliContext,
  isJson: boolean,
): Promise<number> {
  const tried = await dryRun(read, context, confirmedOf(args));
  const { stdout } = context.screen;
  const rows = tried.map(({ what, ok, detail }) => [ok ? 'ok' : 'WRONG', what, printable(detail)]);
  const isWell = tried.every(({ ok }) => ok);
  if (isJson) stdout.write(`${JSON.stringify({ schema: 'drill.dry-run/1', tried }, null, 2)}\n`);
  else {
    const end = isWell ? 'nothing was broken' : 'nothing was broken; put right what is WRONG';
    stdout.write(`${[...table(rows), end].join('\n')}\n`);
  }
  return isWell ? EXIT.pass : EXIT.environment;
}

/** What was found, what would be run, and what to type next. */
function attachText(read: DrillRead, attached: Attached, context: CliContext): string[] {
  const { found, consent, file, sha256 } = attached;
  const name = shortPath(context.directory, file);
  const allowed = consent.allow.length === 0 ? 'nothing' : consent.allow.join(', ');
  const drill = shellWord(read.file);
  const confirm = `--confirm ${shellWord(read.plan.name)}`;
  const run = `drill run ${drill} ${confirm}`;
  const refused = found.rails.flatMap(({ refusal }) => refusal ?? []);
  const isRefused = refused.length > 0;
  return [
    ...(isRefused ? refusedLines(refused) : []),
    found.identifier === NOT_TOLD ? NAMELESS : `system ${found.identifier}`,
    ...table(found.servers.flatMap(serverRows)),
    ...(found.kept === null ? [] : [printable(found.kept)]),
    ...table(clientRows(consent)),
    '',
    ...(isRefused ? [] : [passedLine(found.rails), '']),
    'would be run:',
    ...table(commandRows(read.plan)),
    '',
    'how far it goes, and what is believed:',
    ...table(limitRows(read.plan)),
    '',
    `wrote ${name}: ${consent.by} agrees to this, until ${consent.until}`,
    `allowed beyond the rules: ${allowed}`,
    ...(isRefused ? ['no run begins before what is said above is put right'] : []),
    asCalled(`next: drill attach ${drill} --dry-run ${confirm}`, context.environment),
    asCalled(`${isRefused ? 'once that is right' : 'then'}: ${run}`, context.environment),
    `where nobody types: DRILL_CONSENT=${sha256}`,
  ];
}

/** What takes seconds to see has let nothing pass yet. */
function passedLine(rails: readonly RailSeen[]): string {
  const later = rails.flatMap(({ name, isLookedAt }) => (isLookedAt ? [] : [`"${name}"`]));
  if (later.length === 0) return `safety rails: all ${rails.length} let it pass`;
  const passed = `safety rails: ${rails.length - later.length} of ${rails.length} let it pass`;
  return `${passed}; ${later.join(', ')}: looked at by --dry-run and by each run`;
}

/** Each with what to type. */
function refusedLines(refused: readonly Refusal[]): string[] {
  return [
    `a run would be refused by ${count(refused.length, 'safety rail')}:`,
    ...refused.flatMap(({ what, expected, found, hint }) => [
      `  ${printable(what)}: expected ${expected}, found ${printable(found)}`,
      `    ${printable(hint)}`,
    ]),
    '',
  ];
}

/** Their way, and how what they wrote is counted where drill does not do that itself. */
function clientRows({ clients, counted }: SystemConsent): string[][] {
  const rows = [['clients', printable(clients)]];
  return counted === undefined ? rows : [...rows, ['counted by', printable(counted)]];
}

function serverRows(server: ServerFound): string[][] {
  const { node, address, version, isPrimary, bytes, tables, publications, followers } = server;
  const limit = server.role_limit === null ? '' : `, ${server.role_limit} of this role`;
  const published = publications.map(({ name, of }) => `${printable(name)} (${of})`);
  return [
    [node, `${isPrimary ? 'primary' : 'standby'}, PostgreSQL ${version}, ${address}`],
    ['', `${count(tables, 'table')}, ${formatBytes(bytes)}`],
    ['', `${server.connections} of ${server.max_connections} connections${limit}`],
    ...followers.map((follower) => ['', `followed by ${printable(follower)}`]),
    ['', `publications: ${published.join(', ') || 'none'}`],
  ];
}

function allowOf(args: VerbArguments): Allowed[] {
  const words = [args['allow'] ?? []].flat().map(String);
  return words.map((word) => {
    const found = ALLOWED.find((each) => each === word);
    if (found !== undefined) return found;
    throw new UserError(`--allow: expected ${ALLOWED.join(' or ')}; got ${word}`);
  });
}

function daysOf(args: VerbArguments): number {
  const days = (args['days'] as number | undefined) ?? DAYS;
  if (Number.isInteger(days) && days >= 1 && days <= CONSENT_DAYS) return days;
  const expected = `expected whole days, 1 to ${CONSENT_DAYS}`;
  throw new UserError(`--days: ${expected}; got ${days}`, { hint: `--days ${DAYS}` });
}
