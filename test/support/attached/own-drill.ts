// A drill of a stack, as a team would write it for its own two servers, run by the built command.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Result } from '../../../src/verdict/result.ts';
import { Workplace, type Ended } from '../whole/drill-cli.ts';
import { withHosts } from './hosts.ts';
import { readUntil, type SeenRows } from './second-reader.ts';
import type { Argv, Stack } from './stack.ts';

const VARIABLE = 'DRILL_DB_PASSWORD';
const LOOK_EVERY_MS = 100;

interface Step {
  readonly title: string;
  readonly command: Argv;
  readonly undo?: Argv;
  readonly mark?: string;
}

export interface OwnDrill {
  readonly run: Argv;
  readonly undo: Argv | 'none';
  /** The dead-man's switch; left out: there is none. */
  readonly arm?: Argv;
  readonly disarm?: Argv;
  /** Of the drill file: `{ refuses: east/db1 }`. */
  readonly seen: string;
  /** Faults that come with it, at the same moment. */
  readonly besides?: readonly Pick<OwnDrill, 'run' | 'undo' | 'seen'>[];
  readonly takes_at_most?: string;
  /** It is undone after so long; left out: after the recovery. */
  readonly lasts?: string;
  readonly targets?: string;
  /** Who says which server is the primary; left out: each server. */
  readonly primary?: Argv;
  /** `host:port` of a balancer that its clients go through; left out: along the list of servers. */
  readonly through?: string;
  /** Another way of theirs, and how what they wrote is counted: further keys, as a drill file has. */
  readonly clients?: object;
  readonly count?: object;
  /** The commands that fail it over; left out: it does so by itself. */
  readonly steps?: readonly Step[];
  /** The way back; left out: there is none. */
  readonly back?: readonly Step[];
  /** Further lines of `topology.system`, and of the drill file. */
  readonly system?: string;
  readonly more?: string;
}

/** The text of the drill file; its addresses have no password in them. */
export function ownDrill({ databases }: Pick<Stack, 'databases'>, drill: OwnDrill): string {
  const servers = Object.entries(databases).map(([node, text]) => {
    const url = new URL(text);
    url.password = '';
    return `      ${node}: ${url.href}`;
  });
  const {
    besides = [],
    targets = '{ rto: 30s, rpo: 5s }',
    primary,
    steps,
    through,
    clients = through === undefined ? undefined : { sql: through },
    count,
    more = '',
  } = drill;
  const recovers = steps === undefined ? 'by-itself' : 'with-commands';
  return [
    'drill: 1',
    'name: own',
    'runtime: attached',
    `targets: ${targets}`,
    'topology:',
    '  system:',
    '    databases:',
    ...servers,
    `    password: { env: ${VARIABLE} }`,
    `    recovers: ${recovers}`,
    ...(primary === undefined ? [] : [`    primary: { command: ${JSON.stringify(primary)} }`]),
    ...(clients === undefined ? [] : [`    clients: ${JSON.stringify(clients)}`]),
    ...(count === undefined ? [] : [`    count: ${JSON.stringify(count)}`]),
    ...(drill.system === undefined ? [] : [drill.system]),
    'workload: { rate: 50/s, timeout: 2s, seed_rows: 30 }',
    'warm_up: { at_most: 2s }',
    'steady: { for: 2s }',
    'faults:',
    ...faultLines(drill, drill, 'the fault of the test'),
    ...besides.flatMap((each, at) => faultLines(each, drill, `beside it, ${at + 1}`)),
    'sustain: { for: 1s }',
    `recover: { deadline: 40s${listOf('steps', steps)}${listOf('back', drill.back)} }`,
    ...(drill.back === undefined ? [] : ['failback: true']),
    more,
  ].join('\n');
}

function faultLines(
  { run, undo, seen, arm, disarm, lasts }: Omit<OwnDrill, 'takes_at_most'>,
  { takes_at_most = '20s' }: Pick<OwnDrill, 'takes_at_most'>,
  title: string,
): string[] {
  return [
    '  - at: 500ms',
    '    kind: command',
    '    region: east',
    `    title: ${title}`,
    `    run: ${JSON.stringify(run)}`,
    `    undo: ${undo === 'none' ? 'none' : JSON.stringify(undo)}`,
    ...Object.entries({ arm, disarm }).flatMap(([key, command]) => {
      return command === undefined ? [] : [`    ${key}: ${JSON.stringify(command)}`];
    }),
    ...(lasts === undefined ? [] : [`    for: ${lasts}`]),
    `    seen: ${seen}`,
    `    takes_at_most: ${takes_at_most}`,
  ];
}

function listOf(key: string, steps: readonly Step[] | undefined): string {
  return steps === undefined ? '' : `, ${key}: ${JSON.stringify(steps)}`;
}

export interface OwnRun extends SeenRows {
  /** Files of the run and processes that have its password, in words. */
  readonly leaks: readonly string[];
  readonly place: Workplace;
  readonly ended: Ended;
  readonly result: Result;
}

/** Runs it in a folder of its own, which the caller removes. */
export async function runOwn(stack: Stack, drill: OwnDrill): Promise<OwnRun> {
  return await runOwnFile(stack, ownDrill(stack, drill));
}

/** Where a drill is run, besides the machine as it is. */
export interface Around {
  /** More variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A file in the place of the machine's own `hosts`, for the run alone; root only. */
  readonly hosts?: string;
}

/** The same of a whole drill file. */
export async function runOwnFile(stack: Stack, text: string, around: Around = {}): Promise<OwnRun> {
  const { environment = {}, hosts } = around;
  const place = new Workplace(text);
  await consentTo(place, stack, environment);
  const { name } = parse(text) as { readonly name: string };
  const run = ['run', 'drill.yaml', '--reporter', 'plain', '--confirm', name];
  const variables = { ...passwordOf(stack), ...environment };
  const running =
    hosts === undefined
      ? place.start(run, variables)
      : place.startProgram('unshare', withHosts(hosts, run), variables);
  const over = new AbortController();
  const reading = readUntil(stack, over.signal);
  const telling = processesThatTell(secretsOf(stack), over.signal);
  const ended = await running.ended.finally(() => over.abort());
  const files = filesThatTell(secretsOf(stack), place.directory);
  const said = secretsOf(stack).some((secret) => (ended.stdout + ended.stderr).includes(secret));
  const leaks = [...files, ...(await telling), ...(said ? ['what it printed'] : [])];
  return { place, ended, result: place.result(), ids: await reading, leaks };
}

/** Looks at the stack by the drill file of the place, and writes the consent beside it. */
export async function consentTo(
  place: Workplace,
  stack: Stack,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const looked = await place.run(['attach', 'drill.yaml', '--allow', 'live-traffic'], {
    ...passwordOf(stack),
    ...environment,
  });
  if (looked.code !== 0) throw new Error(`no consent: ${looked.stdout}${looked.stderr}`);
}

export function passwordOf({ databases }: Pick<Stack, 'databases'>): Record<string, string> {
  return { [VARIABLE]: decodeURIComponent(new URL(Object.values(databases)[0]!).password) };
}

/** The password as it is, and as it stands in an address. */
function secretsOf(stack: Pick<Stack, 'databases'>): string[] {
  const [password = ''] = Object.values(passwordOf(stack));
  return [password, encodeURIComponent(password)];
}

function filesThatTell(secrets: readonly string[], directory: string): string[] {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = all.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return files.filter((file) => {
    const text = readFileSync(file, 'latin1');
    return secrets.some((secret) => text.includes(secret));
  });
}

/** By their arguments, which everybody on the machine sees. */
async function processesThatTell(
  secrets: readonly string[],
  over: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set<string>();
  while (!over.aborted) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const words = argumentsOf(pid);
      if (secrets.some((secret) => words.includes(secret))) found.add(words);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return [...found];
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}

interface LedgerLine {
  readonly kind: string;
  readonly outcome: string;
  readonly writer: number;
  readonly sequence: number;
  readonly sent_ms: number | null;
}

/** What clients did, by the export of the ledger of the run. */
async function linesOf({ place }: Pick<OwnRun, 'place'>): Promise<LedgerLine[]> {
  const { stdout } = await place.run(['ledger', 'latest', '--format', 'ndjson']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as LedgerLine);
}

/** The acknowledged writes of the run. */
export async function acknowledgedIn(ran: Pick<OwnRun, 'place'>): Promise<string[]> {
  // A marker comes so late that the other program may not have seen it before the tables go.
  const counted = ['write', 'seed'];
  const written = (await linesOf(ran)).filter(({ kind, outcome }) => {
    return counted.includes(kind) && outcome === 'acknowledged';
  });
  return written.map(({ writer, sequence }) => `${writer}-${sequence}`);
}

/** In how long how many seed rows were sent. */
export async function seedPaceOf(ran: Pick<OwnRun, 'place'>) {
  const seeds = (await linesOf(ran)).filter(({ kind }) => kind === 'seed');
  const sent_ms = seeds.map((each) => each.sent_ms!);
  return { rows: seeds.length, over_ms: Math.max(...sent_ms) - Math.min(...sent_ms) };
}
