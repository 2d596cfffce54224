// `drill init`: writes a commented drill file that passes at once. Never overwrites.
import { writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parseDrill } from '../../drill/parse-drill.ts';
import { parseRestore } from '../../drill/restore/parse.ts';
import { makeDirectories } from '../../host/files.ts';
import { isRefused } from '../../host/machine/machine-error.ts';
import { asCalled } from '../../screen/command-name.ts';
import { shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { findDrill, OWN_DRILLS, SHIPPED_DRILLS } from '../../session/find-drill.ts';
import { STANDARD_INPUT } from '../../session/source.ts';
import { readSource } from '../../session/source.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import type { CliContext, Verb } from '../verb.ts';

const FILE = 'first-drill.yaml';
/** Of each of them there is a drill that comes with drill. */
const OWN_SYSTEMS = [
  'two-servers',
  'repmgr',
  'patroni',
  'pg-auto-failover',
  'rds',
  'cloudnativepg',
  'backup',
];

const TEXT = `# A disaster-recovery drill: region east is lost under load, region west takes over.
# Everything that is left out has a default; \`drill plan --explain\` lists them all.
drill: 1
name: first-drill
description: Region east goes dark under load; west takes over.

# What you promise: clients are served again within rto, and the acknowledged writes that are gone
# span at most rpo.
# Tighten these until the drill fails, and you know what this design can do here.
targets: { rto: 15s, rpo: 1s }

topology:
  # A full copy of the system in a second region, scaled down and replicating.
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 2, capacity: 200/s } }
    west: { role: standby, app: { instances: 1, capacity: 200/s } }
  # async loses what was not replicated yet; sync (with rpo: 0s) pays for zero loss with latency.
  replication: { mode: async }
  links: { east-west: { latency: 20ms, jitter: 2ms } }

# Operations start on schedule, whatever the service does.
workload: { rate: 200/s, payload: 256B, timeout: 1s }

faults:
  # 2 s after a steady state of 3 s. A range such as 1s..4s lets the seed choose: always the same
  # moment, unless --seed says otherwise.
  - { at: 2s, kind: lose-region, region: east }
`;

export const initVerb: Verb = {
  command: 'init [directory]',
  positionals: {
    directory: { default: '.', describe: 'Where to; made if it is not there' },
  },
  options: {
    from: { describe: 'Copy this drill instead: a file, or a name of `drill list drills`' },
    attached: {
      choices: OWN_SYSTEMS,
      describe: 'Begin with a drill of a system, or a backup, of your own (docs/attached.md)',
    },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill init', `writes ${FILE} into the current folder`],
    ['drill init drills', `writes drills/${FILE}`],
    ['drill init drills --from point-in-time', 'begins with a drill that comes with drill'],
    ['drill init --attached patroni', 'begins with a drill of the Patroni that you run'],
  ],
  async run(args, context) {
    const { directory: given } = args;
    const directory = resolve(context.directory, typeof given === 'string' ? given : '.');
    const { file, text } = await beginning(fromOf(args), context);
    const path = join(directory, file);
    const shown = relative(context.directory, path);
    const name = shown.startsWith('..') ? path : shown;
    try {
      makeDirectories(directory);
      await writeFile(path, text(name), { flag: 'wx' });
    } catch (error) {
      return explainFailure(error as NodeJS.ErrnoException, name, directory, context);
    }
    context.screen.stdout.write(
      `wrote ${name}\nnext: ${nextWords(name, file, text(name), context)}\n`,
    );
    return EXIT.pass;
  },
};

/** The drill that is copied; undefined: none. */
function fromOf(args: Record<string, unknown>): string | undefined {
  const { from, attached } = args;
  if (from !== undefined && attached !== undefined) {
    throw new UserError('--from and --attached each name what to begin with: say one');
  }
  return attached === undefined
    ? (from as string | undefined)
    : join(OWN_DRILLS, attached as string);
}

/** Hosts and commands of a system that somebody else runs are not those of whoever begins. */
function nextWords(
  name: string,
  file: string,
  text: string | Uint8Array,
  { environment }: CliContext,
): string {
  const source = { file, bytes: Buffer.from(text) };
  const { drill } = parseDrill(source);
  const called = (verb: string) => asCalled(`drill ${verb} ${shellWord(name)}`, environment);
  if (parseRestore(source).restore !== null) {
    return `put the paths of your backup in, then ${called('restore')}`;
  }
  if (drill?.topology.system === undefined) return called('run');
  return `put the hosts and commands of your system in, then ${called('attach')}`;
}

/** What to write, and under which name. Throws a `UserError`. */
async function beginning(from: string | undefined, { directory }: CliContext) {
  if (from === undefined) return { file: FILE, text: () => TEXT };
  const source = await readSource(findDrill(from, directory), directory);
  if (!('problem' in source)) {
    const file = from === STANDARD_INPUT ? FILE : basename(source.file);
    const isShipped = resolve(directory, source.file).startsWith(SHIPPED_DRILLS);
    return {
      file,
      text: (name: string) => (isShipped ? asOwn(source.bytes, file, name) : source.bytes),
    };
  }
  throw new UserError(`${from}: ${source.message}`, { hint: 'drill list drills' });
}

/** Without what stands only beside the drills that come with drill, and with its name of now. */
function asOwn(bytes: Uint8Array, file: string, name: string): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/^# yaml-language-server: .*\n(#\n)?/, '')
    .replaceAll(/\b(?:docs|drills)\/[\w/-]+\.md\b/g, '$& of drill')
    .replaceAll(/\bdrills\/[\w/-]+\.yaml\b/g, (path) => {
      return basename(path) === file ? shellWord(name) : path;
    });
}

function explainFailure(
  error: NodeJS.ErrnoException,
  name: string,
  directory: string,
  { screen, environment }: CliContext,
): number {
  const isTaken = error.code === 'EEXIST' && error.syscall === 'open';
  if (isTaken) {
    screen.stderr.write(`${name} is there already and was left as it is\n`);
    const run = asCalled(`drill run ${shellWord(name)}`, environment);
    screen.stderr.write(`run it with: ${run}\n`);
  } else if (error.code === 'EEXIST' || error.code === 'ENOTDIR') {
    screen.stderr.write(`${directory} is no folder; expected one for ${basename(name)}\n`);
  } else {
    screen.stderr.write(`${name} cannot be written: ${error.message}\n`);
    return isRefused(error) ? EXIT.environment : EXIT.usage;
  }
  return EXIT.usage;
}
