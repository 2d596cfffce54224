// `drill evidence`: makes a key, packs a run or a series into one signed file, and verifies such a
// file: its sums, its signature, and the verdict, which is recomputed.
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isFolder } from '../../../host/files.ts';
import { hostClock } from '../../../host/clock.ts';
import { commandName } from '../../../screen/command-name.ts';
import { count, formatBytes, printable, shellWord } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { packEvidence } from '../../../session/pack/pack.ts';
import { verifyPack } from '../../../session/pack/verify.ts';
import { version } from '../../../session/version.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { askedRunOrSeries, outOption } from '../../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';
import { KEY_FILE, keygen, publicFileOf, readPrivateKey, readPublicKey } from './keys.ts';
import { verdictLines, verifiedJson, verifiedText } from './text.ts';

const ACTIONS = { keygen, pack, verify } as const;

export const evidenceVerb: Verb = {
  command: 'evidence <action> [what]',
  positionals: {
    action: { choices: Object.keys(ACTIONS), describe: 'What to do' },
    what: {
      describe:
        `keygen: the file of the private key (default ${KEY_FILE}); pack: a run or a series ` +
        '(default latest); verify: a pack, or the folder that it was unpacked to',
    },
  },
  options: {
    key: {
      describe:
        `pack: the private key (default ${KEY_FILE}; - is standard input); ` +
        'verify: the public key of whoever signed it',
    },
    to: { describe: 'pack: the file that is made (default ID.evidence.tar)' },
    json: { type: 'boolean', describe: 'verify: as JSON, for another program' },
    out: outOption,
  },
  examples: [
    ['drill evidence keygen keys/audit.pem', 'a private key, and keys/audit.pub.pem to give away'],
    ['drill evidence pack latest --key keys/audit.pem', 'one file, to take elsewhere'],
    [
      'drill evidence verify RUN.evidence.tar --key audit.pub.pem',
      'exit code 0: it is to be believed',
    ],
  ],
  run: async (args, context) => {
    const action = args['action'] as keyof typeof ACTIONS;
    refuseOthers(action, args);
    const what = args['what'] as string | undefined;
    switch (action) {
      case 'keygen':
        return keygen(what ?? KEY_FILE, context);
      case 'pack':
        return await pack(args, context);
      case 'verify':
        if (what === undefined) {
          throw new UserError('expected: drill evidence verify FILE', {
            hint: 'FILE is what drill evidence pack wrote: ID.evidence.tar',
          });
        }
        return await verify(what, args, context);
    }
  },
};

const TAKEN: Readonly<Record<keyof typeof ACTIONS, readonly string[]>> = {
  keygen: [],
  pack: ['key', 'to', 'out'],
  verify: ['key', 'json'],
};

function refuseOthers(action: keyof typeof ACTIONS, args: VerbArguments): void {
  const others = Object.keys(evidenceVerb.options).filter((name) => !TAKEN[action].includes(name));
  const given = others.find((name) => args[name] !== undefined);
  if (given === undefined) return;
  throw new UserError(`--${given} is not for ${action}`, { hint: 'drill evidence --help' });
}

async function pack(args: VerbArguments, context: CliContext): Promise<number> {
  const { directory, screen, environment } = context;
  const asked = await askedRunOrSeries({ ...args, run: args['what'] ?? 'latest' }, context);
  const id = 'series' in asked ? asked.series.id : basename(asked.place);
  const to = (args['to'] as string | undefined) ?? `${id}.evidence.tar`;
  const path = resolve(directory, to);
  if (existsSync(path)) {
    throw new UserError(`${to} is there already; evidence is never written over`, {
      hint: '--to OTHER.evidence.tar',
    });
  }
  const keyFile = (args['key'] as string | undefined) ?? KEY_FILE;
  const key = await readPrivateKey(keyFile, context);
  const now_ms = hostClock().wall();
  requireFolder(dirname(path), to);
  const packed = packEvidence({ asked, key, to: path, now_ms, version: version() });
  const publicFile = keyFile === '-' ? 'PUBLIC.pem' : publicFileOf(keyFile);
  const command = [commandName(environment), 'evidence verify', shellWord(to)].join(' ');
  screen.stdout.write(
    [
      ...verdictLines(packed.predicate),
      `written  ${to} (${count(packed.files, 'file')}, ${formatBytes(packed.bytes)})`,
      `verify   ${command} --key ${shellWord(publicFile)}`,
      '',
    ].join('\n'),
  );
  return EXIT.pass;
}

function requireFolder(folder: string, to: string): void {
  if (isFolder(folder)) return;
  throw new UserError(`${to} cannot be written: ${folder} is no folder`, {
    hint: '--to OTHER.evidence.tar',
    exitCode: EXIT.environment,
  });
}

/** 0: it is what the key signed, and the verdict follows from it, whichever that is. */
async function verify(what: string, args: VerbArguments, context: CliContext): Promise<number> {
  const { directory, screen } = context;
  const keyFile = args['key'] as string | undefined;
  const path = resolve(directory, what);
  if (!existsSync(path)) throw new UserError(`there is no file ${printable(what)}`);
  const key = keyFile === undefined ? null : await readPublicKey(keyFile, context);
  const verified = verifyPack(path, key);
  const isVouched = key !== null;
  const text = args['json'] === true ? verifiedJson : verifiedText;
  screen.stdout.write(text(verified, isVouched));
  return verified.isWhole && isVouched ? EXIT.pass : EXIT.inconclusive;
}
