// `drill up FILE`: brings the system of a drill file up, leaves it running, and says how to reach
// every part of it.
import { relative } from 'node:path';
import { formatDuration } from '../../base/units.ts';
import type { SystemUp } from '../../engine/up.ts';
import type { Endpoint, KeptNode, RunEvent } from '../../evidence/event.ts';
import { makePaint } from '../../screen/paint.ts';
import { shellWord } from '../../screen/text.ts';
import type { RunPlace } from '../../topology/system/system.ts';
import { RUN_HEADER } from '../../host/http.ts';
import { commandName } from '../../screen/command-name.ts';
import { bringUp } from '../../session/run-one.ts';
import { EXIT, worstExit } from '../../verdict/exit-code.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import { outOption } from '../run-options.ts';
import { cleanCommand, sessionOf } from '../session-of.ts';
import { problemLines } from '../tell.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const upVerb: Verb = {
  command: 'up <file>',
  positionals: { file: { describe: 'A drill file; its faults are not injected' } },
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
  const file = args['file'] as string;
  const read = await readDrills([file], flagsOf(args), context);
  if ('exit' in read) return read.exit;
  const { screen } = context;
  const paint = makePaint(screen.stderr.hasColour);
  const seen: RunEvent[] = [];
  const session = sessionOf(context, {
    onEvent: (event) => {
      seen.push(event);
      const line = args['quiet'] === true ? null : progressLine(event);
      if (line !== null) screen.stderr.write(`${paint('dim', line)}\n`);
    },
  });
  const { up, place } = await bringUp(read[0]!, session);
  if (up === null) return failed(seen, place, context);
  const isJson = args['json'] === true;
  screen.stdout.write(isJson ? asJson(up, place) : describeUp(up, place, file, context));
  return EXIT.pass;
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
      stderr.write(problemLines(event, makePaint(stderr.hasColour), context.environment));
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

/** One order by the clients' way; every order names the run of its system. */
function orderCommand({ description }: SystemUp, run: string): string[] {
  const edge = description.endpoints.find(({ kind, protocol }) => {
    return kind === 'edge-link' && protocol === 'http';
  });
  if (edge === undefined) return [];
  const order = JSON.stringify({ writer: 1, sequence: 1, payload: 'hello' });
  const at = `http://${edge.host}:${edge.port}/orders`;
  return [`curl -H '${RUN_HEADER}: ${run}' -d '${order}' ${at}`];
}

function asJson(up: SystemUp, { id, directory, logs }: RunPlace): string {
  const { runtime, postgres, proxy, settings, endpoints } = up.description;
  const made = { schema: 'drill.up/1', run: id, directory, up_ms: up.ms };
  const what = { runtime, postgres, proxy, settings, endpoints, parts: partsOf(up), logs };
  return `${JSON.stringify({ ...made, ...what }, null, 2)}\n`;
}

function describeUp(up: SystemUp, place: RunPlace, file: string, context: CliContext): string {
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
    ...partsOf(up).flatMap(({ node, url, connect }) => [
      `  ${paint('bold', node)}  ${paint('dim', url)}`,
      `    ${connect}`,
    ]),
    '',
    `${paint('dim', 'logs')}  ${logs}`,
    ...orderCommand(up, place.id).map((line) => `${paint('dim', 'order')} ${line}`),
    `${paint('dim', 'next')}  ${command} run ${shellWord(file)} --against ${run}` +
      '  # empties its tables first',
    `      ${command} down ${run}`,
  ];
  return `${lines.join('\n')}\n`;
}
