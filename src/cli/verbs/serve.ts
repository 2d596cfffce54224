// `drill serve`: the dashboard, until it is stopped.
import { dirname, join, resolve } from 'node:path';
import { startDashboard } from '../../dashboard/serve.ts';
import { tokenIn } from '../../dashboard/access/token-file.ts';
import { isLoopback, LOOPBACK, type Address } from '../../host/ports.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { localOption, sharedOf } from './history/here.ts';
import { outOption, runsOf } from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

const USUAL = `${LOOPBACK}:8420`;

export const serveVerb: Verb = {
  command: 'serve [files..]',
  positionals: {
    files: { describe: 'Game-day files whose next times are shown; default: those of the records' },
  },
  options: {
    listen: {
      describe: `The address, default ${USUAL}; on one that others reach, reading takes the token`,
    },
    'host-name': {
      array: true,
      describe: 'One more name under which it is reached, such as that of a proxy before it',
    },
    'token-file': {
      describe: 'The file with the token for controls; default: .drill/serve.token, made new',
    },
    local: localOption,
    out: outOption,
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill serve', 'the dashboard on http://127.0.0.1:8420/'],
    ['drill serve --listen 0.0.0.0:8080 --host-name drills.example', 'for others, with the token'],
  ],
  run: serve,
};

async function serve(args: VerbArguments, context: CliContext): Promise<number> {
  const { screen, interrupt, directory, environment } = context;
  const listen = addressOf((args['listen'] as string | undefined) ?? USUAL);
  const runs = await runsOf(args, context);
  const given = args['token-file'] as string | undefined;
  const file = given === undefined ? join(dirname(runs), 'serve.token') : resolve(directory, given);
  const token = tokenIn(file, given === undefined);
  if ('problem' in token && !isLoopback(listen.host)) {
    throw new UserError(`a token is needed on ${listen.host}, and ${token.problem}`, {
      hint: '--token-file FILE',
      exitCode: EXIT.environment,
    });
  }
  const tell = (text: string) => screen.stderr.write(`${text}\n`);
  const dashboard = await startDashboard({
    runs,
    directory,
    environment,
    listen,
    hostNames: [args['host-name'] ?? []].flat().map(String),
    gamedays: [args['files'] ?? []].flat().map(String),
    token: 'problem' in token ? null : token.text,
    shared: await sharedOf(args, context),
    tell,
  });
  screen.stdout.write(`dashboard: ${dashboard.url}\n`);
  screen.stdout.write(
    'problem' in token ? `read only: ${token.problem}\n` : `the token for controls: ${file}\n`,
  );
  await stopped(interrupt);
  await dashboard.close();
  return EXIT.pass;
}

/** `127.0.0.1:8420`, `[::1]:8420`, `:8080` is no address. */
function addressOf(text: string): Address {
  const [, bare = '', port = ''] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text) ?? [];
  const host = bare.replace(/^\[|\]$/g, '');
  if (host !== '' && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new UserError(`--listen: expected an address such as ${USUAL}, got "${text}"`);
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
