// `drill gameday notify` sends a test message to each receiver of a file; `outbox` tells which
// messages wait, and which were given up.
import { randomBytes } from 'node:crypto';
import { deliver } from '../../../gameday/notify/deliver.ts';
import { messageOfFile } from '../../../gameday/notify/message.ts';
import { Outbox, type Stored } from '../../../gameday/notify/outbox.ts';
import { receiversOf } from '../../../gameday/notify/receiver.ts';
import { hostClock } from '../../../host/clock.ts';
import { asCalled } from '../../../screen/command-name.ts';
import { makePaint } from '../../../screen/paint.ts';
import { count, printable, table } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { readFiles, usable } from './files.ts';

/** Ends with 4 where one does not take it. */
export async function testReceivers(args: VerbArguments, context: CliContext): Promise<number> {
  const [read] = usable(await readFiles(args, context), context) ?? [];
  if (read === undefined) return EXIT.usage;
  const receivers = receiversOf(read.gameday);
  if (receivers.length === 0)
    throw new UserError(`${read.file} tells nobody: it has no \`notify\``);
  const { directory, environment, interrupt: signal, screen } = context;
  const outbox = new Outbox(await runsOf(args, context));
  const clock = hostClock();
  const key = randomBytes(6).toString('hex');
  const message = messageOfFile({ event: 'test', key, drill: null }, read, clock.wall());
  const answers = await Promise.all(
    receivers.map(async (receiver) => {
      const { kind, why } = await deliver(receiver, message, {
        clock,
        number: 1,
        directory,
        environment,
        signal,
        logFile: () => outbox.commandLog(),
      });
      return { receiver: receiver.label, ok: kind === 'taken', answer: why };
    }),
  );
  if (args['json'] === true) {
    const report = { schema: 'drill.gameday-notify/1', message: message.id, receivers: answers };
    screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const paint = makePaint(screen.stdout.hasColour);
    const rows = answers.map(({ receiver, ok, answer }) => [
      printable(receiver),
      ok ? paint('good', 'taken') : paint('bad', 'not taken'),
      printable(answer),
    ]);
    screen.stdout.write(`${table(rows, screen.stdout.columns()).join('\n')}\n`);
  }
  return answers.every(({ ok }) => ok) ? EXIT.pass : EXIT.environment;
}

export async function listOutbox(args: VerbArguments, context: CliContext): Promise<number> {
  const all = await new Outbox(await runsOf(args, context)).list();
  const { stdout } = context.screen;
  if (args['json'] === true) {
    stdout.write(`${JSON.stringify(all.map(plain), null, 2)}\n`);
    return EXIT.pass;
  }
  const unsent = all.filter(({ entry }) => entry.state !== 'sent');
  const sent = all.length - unsent.length;
  if (unsent.length > 0) stdout.write(`${unsentText(unsent, context)}\n`);
  else stdout.write(`no message waits, none was given up; ${sent} of the last were sent\n`);
  return EXIT.pass;
}

function plain({ entry }: Stored) {
  const { receiver, state, tries, since_ms, next_ms, last, message } = entry;
  const iso = (ms: number) => new Date(ms).toISOString();
  const next = state === 'waiting' ? iso(next_ms) : null;
  return { id: message.id, receiver, state, tries, since: iso(since_ms), next, last };
}

function unsentText(unsent: readonly Stored[], { screen: { stdout } }: CliContext): string {
  const paint = makePaint(stdout.hasColour);
  const head = ['message', 'to', 'state', 'tries', 'last answer'].map((text) => paint('dim', text));
  const rows = unsent.map(({ entry: { message, receiver, state, tries, last } }) => [
    printable(message.id),
    printable(receiver),
    paint(state === 'waiting' ? 'warn' : 'bad', state),
    String(tries),
    printable(last ?? ''),
  ]);
  return table([head, ...rows]).join('\n');
}

/** A line for whoever lists game days; empty where all is well. */
export async function unsentLine(runs: string, context: CliContext): Promise<string> {
  const all = await new Outbox(runs).list().catch(() => []);
  const of = (state: string) => all.filter(({ entry }) => entry.state === state).length;
  const [waiting, lost] = [of('waiting'), of('given up')];
  if (waiting + lost === 0) return '';
  const words = [
    ...(waiting === 0 ? [] : [`${count(waiting, 'message')} not sent yet`]),
    ...(lost === 0 ? [] : [`${count(lost, 'message')} given up`]),
  ];
  return asCalled(`${words.join(', ')}: drill gameday outbox\n`, context.environment);
}
