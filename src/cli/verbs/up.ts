// `drill up FILE`: brings the system of a drill file up, leaves it running, and says how to reach
// every part of it.
import { relative } from 'node:path';
import { runsDirectory } from '../../archive/run-directory.ts';
import { formatDuration } from '../../base/units.ts';
import { bringUpSystem, type SystemUp } from '../../engine/up.ts';
import type { Endpoint, KeptNode, RunEvent } from '../../evidence/event.ts';
import { markedEnvironment } from '../../host/process/processes.ts';
import { makePaint, type Paint } from '../../screen/paint.ts';
import { shellWord } from '../../screen/text.ts';
import type { RunPlace } from '../../topology/system.ts';
import { requireStayable } from '../can-stay-up.ts';
import { commandName } from '../command-name.ts';
import { EXIT, worstExit } from '../exit-code.ts';
import { cleanCommand, leftBehindText } from '../left-behind.ts';
import { newPlace } from '../new-place.ts';
import { drillOptions, flagsOf, readDrill, type DrillRead } from '../read-drill.ts';
import { preflightOf } from '../needs.ts';
import { outOption } from '../runs-of.ts';
import { checkRuntimeFiles, runtimeOf } from '../runtime-of.ts';
import { problemLines } from '../tell.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';
import { version } from '../version.ts';

export const upVerb: Verb = {
  command: 'up <file>',
  summary: 'Bring the system of a drill file up and leave it running',
  positionals: { file: { type: 'string', describe: 'A drill file; its faults are not injected' } },
  options: {
    ...drillOptions,
    out: outOption,
    quiet: { type: 'boolean', describe: 'No progress' },
    json: { type: 'boolean', describe: 'How to reach every part, as JSON' },
  },
  examples: [
    ['drill up drills/region-outage.yaml', 'two regions to look around in'],
    ['drill run drills/region-outage.yaml --against latest', 'then drill what is up'],
    ['drill down latest', 'and bring it down'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const drill = await readDrill(args['file'] as string, flagsOf(args), context);
  if ('exit' in drill) return drill.exit;
  requireStayable(drill.plan, null);
  await checkRuntimeFiles(drill.drill.runtime, drill.settings, context);
  const { screen } = context;
  const runs = runsDirectory(context.directory, drill.settings.out);
  const place = newPlace(runs, drill.plan.name);
  const seen: RunEvent[] = [];
  const paint = makePaint(screen.stderr.hasColour);
  const isQuiet = args['quiet'] === true;
  context.onRun?.(() => leftBehindText(place, context));
  const up = await start(drill, { place, runs, context }, (event) => {
    seen.push(event);
    const line = isQuiet ? null : progressLine(event);
    if (line !== null) screen.stderr.write(`${paint('dim', line)}\n`);
  });
  context.onRun?.(null);
  if (up === null) return failed(seen, place, context);
  const reached = { place, file: args['file'] as string, parts: partsOf(up) };
  if (args['json'] === true)
    screen.stdout.write(`${JSON.stringify(asJson(up, reached), null, 2)}\n`);
  else screen.stdout.write(describeUp(up, reached, context));
  return EXIT.pass;
}

function start(
  drill: DrillRead,
  { place, runs, context }: { place: RunPlace; runs: string; context: CliContext },
  onEvent: (event: RunEvent) => void,
): Promise<SystemUp | null> {
  const { plan, text } = drill;
  const environment = markedEnvironment(context.environment, place.id);
  const { interrupt, kill } = context;
  return bringUpSystem({
    ...{ plan, place, environment, interrupt, kill, onEvent },
    text: new TextEncoder().encode(text),
    runtime: runtimeOf(drill, environment, context),
    preflight: preflightOf(drill, runs, context.environment),
    version: version(),
  });
}

function progressLine(event: RunEvent): string | null {
  switch (event.event) {
    case 'node.started':
      return event.ms === 0 ? null : `${event.node} is up after ${formatDuration(event.ms)}`;
    case 'run.noted':
      return event.text;
    case 'node.ended':
      return event.expected ? null : `${event.node} ended by itself: ${event.reason}`;
    default:
      return null;
  }
}

/** Why it is not up, and what is left of it: from the run's own events. */
function failed(seen: readonly RunEvent[], place: RunPlace, context: CliContext): number {
  const { stderr } = context.screen;
  const codes: number[] = [];
  for (const event of seen) {
    if (event.event === 'environment.failed') {
      codes.push(EXIT.environment);
      stderr.write(problemLines(event, makePaint(stderr.hasColour)));
    } else if (event.event === 'internal.failed') {
      codes.push(EXIT.internal);
      stderr.write(`drill: a bug in drill: ${event.message}\n${event.stack}\n`);
    } else if (event.event === 'run.interrupted') {
      codes.push(EXIT.interrupted);
      stderr.write(`drill: interrupted by ${event.by}; what was there is brought down again\n`);
    } else if (event.event === 'cleanup.ended' && !event.clean) {
      codes.push(EXIT.unclean);
      const left = event.left.map((one) => `  ${one}\n`).join('');
      stderr.write(`drill: could not clean up:\n${left}  try: ${cleanCommand(place, context)}\n`);
    }
  }
  return worstExit(codes.length === 0 ? [EXIT.internal] : codes);
}

interface Reached {
  readonly place: RunPlace;
  readonly file: string;
  readonly parts: readonly KeptNode[];
}

/** What the system says of its nodes, and the ways in that clients and operators have. */
function partsOf({ nodes, description }: SystemUp): KeptNode[] {
  const known = new Set(nodes.map(({ node }) => node));
  const ways = description.endpoints.filter(({ name }) => !known.has(name)).flatMap(wayIn);
  return [...nodes, ...ways];
}

function wayIn({ name, kind, host, port, protocol }: Endpoint): KeptNode[] {
  const url = `http://${host}:${port}`;
  if (kind === 'proxy') return [{ node: name, url, connect: `curl ${url}/proxies` }];
  if (kind !== 'edge-link' || protocol !== 'http') return [];
  return [{ node: name, url, connect: `curl ${url}/readyz` }];
}

function asJson({ description, ms }: SystemUp, { place, parts }: Reached) {
  const { runtime, postgres, proxy, settings } = description;
  return {
    ...{ schema: 'drill.up/1', run: place.id, directory: place.directory, up_ms: ms },
    ...{ runtime, postgres, proxy, settings },
    ...{ endpoints: description.endpoints, parts, logs: place.logs },
  };
}

function describeUp(up: SystemUp, { place, file, parts }: Reached, context: CliContext): string {
  const paint = makePaint(context.screen.stdout.hasColour);
  const { runtime, postgres, proxy } = up.description;
  const command = commandName(context.environment);
  const isUsual = relative(context.directory, place.directory) === `.drill/runs/${place.id}`;
  const run = isUsual ? place.id : shellWord(place.directory);
  const logs = isUsual ? relative(context.directory, place.logs) : place.logs;
  const lines = [
    `${paint('goodBadge', ' UP ')}  ${paint('bold', place.id)}  after ${formatDuration(up.ms)}`,
    paint('dim', `${runtime} · PostgreSQL ${postgres} · proxy ${proxy}`),
    '',
    ...parts.flatMap((part) => partLines(part, paint)),
    '',
    `${paint('dim', 'logs')}  ${logs}`,
    `${paint('dim', 'next')}  ${command} run ${shellWord(file)} --against ${run}`,
    `      ${command} down ${run}`,
  ];
  return `${lines.join('\n')}\n`;
}

function partLines({ node, url, connect }: KeptNode, paint: Paint): string[] {
  return [`  ${paint('bold', node)}  ${paint('dim', url)}`, `    ${connect}`];
}
