// `drill plan`: what a run of a drill file would do. Starts nothing.
import { formatDuration } from '../../base/units.ts';
import { describePlan } from '../../drill/plan/describe-plan.ts';
import { explain, type ExplainedValue } from '../../drill/explain/explain.ts';
import { definitionOf, drawnWords, withoutMoment } from '../../drill/fault/registry.ts';
import { clockStart, hasDisaster } from '../../drill/plan/clock.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { commandRows, limitRows } from '../../report/own-commands.ts';
import { shortPath } from '../../report/reporters.ts';
import { printable, table, wrap } from '../../screen/text.ts';
import type { ConsentRead } from '../../session/consent/read-consent.ts';
import type { DrillRead } from '../../session/read.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import type { Verb } from '../verb.ts';

export const planVerb: Verb = {
  command: 'plan <file>',
  positionals: { file: { describe: 'Drill file' } },
  options: {
    ...drillOptions,
    explain: { type: 'boolean', describe: 'Show each value and where it came from' },
    json: { type: 'boolean', describe: 'Print JSON' },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill plan drills/region-outage.yaml', 'what would happen'],
    [
      'drill plan --explain --set targets.rto=5s drills/region-outage.yaml',
      'and where each value is from',
    ],
  ],
  async run(args, context) {
    const drills = await readDrills([String(args['file'])], flagsOf(args), context);
    if ('exit' in drills) return drills.exit;
    const read = drills[0]!;
    const { stdout } = context.screen;
    const values = args['explain'] === true ? explain(read.parsed.layers, read.plan) : null;
    if (args['json'] === true) {
      const { plan } = read;
      const described = { plan, description: describePlan(plan), ...ownPart(read) };
      const report = values === null ? described : { ...described, values };
      stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else if (values !== null) {
      stdout.write(`${explainText(values).join('\n')}\n`);
    } else {
      stdout.write(`${planText(read, context.directory, stdout.columns()).join('\n')}\n`);
    }
    return EXIT.pass;
  },
};

function explainText(values: readonly ExplainedValue[]): string[] {
  return table(values.map(({ key, value, from }) => [key, value ?? '–', from]));
}

/** The plan for people, in lines of at most `width` columns. */
function planText(
  { plan: planned, consent }: DrillRead,
  directory: string,
  width: number,
): string[] {
  const described = describePlan(planned);
  const { creates } = described;
  const extra = creates.nodes_after_recovery;
  const rows: [string, string][] = [
    ['targets', described.targets.join(', ')],
    ...(described.controls === undefined
      ? []
      : [['controls', described.controls.join(', ')] as [string, string]]),
    ['nodes', creates.nodes.join(', ')],
    ...(extra.length > 0
      ? [['', `after recovery also ${extra.join(', ')}`] as [string, string]]
      : []),
    ...(creates.links.length === 0 ? [] : [['links', linkWords(creates)] as [string, string]]),
    ['replication', creates.replication],
    ...(creates.redis === undefined ? [] : [['Redis', creates.redis] as [string, string]]),
    ...(creates.data === undefined ? [] : [['data', creates.data] as [string, string]]),
    ...(creates.gslb === undefined ? [] : [['GSLB', creates.gslb] as [string, string]]),
    ['workload', creates.workload],
    ...faultRows(planned, described.faults),
    ...recoveryRows(planned, described),
    ['back means', described.sustain],
    [
      'deadline',
      `${formatDuration(described.deadline_ms)} after ${clockStart(planned)}; ` +
        'later counts as never',
    ],
    ...(described.stops.length === 0
      ? []
      : [['stops early', described.stops.join('; ')] as [string, string]]),
    ...durationRows(described),
    ...ownCommandRows(planned),
    ...limitRows(planned).map(limitRow),
    ...consentRows(consent, directory),
  ];
  const label = Math.max(...rows.map(([name]) => name.length)) + 2;
  const body = rows.flatMap(([name, text]) => {
    const lines = wrap(text, Math.max(40, width - label));
    return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(label)}${line}`);
  });
  const title = `${described.name}: ${described.strategy}, seed ${described.seed}`;
  const about =
    described.description === '' ? [] : wrap(described.description, Math.max(40, width));
  return [title, ...about, '', ...body];
}

/** Of a system of somebody's own: every command, each undo beside what it undoes. */
function ownCommandRows(plan: Plan): [string, string][] {
  return commandRows(plan).map(([of = '', use = '', command = ''], index) => {
    const what = of === '' ? '' : `${of}: `;
    return [index === 0 ? 'would run' : '', `${what}${use}: ${command}`];
  });
}

/** Of a system of somebody's own: how far the drill goes there, and what it believes. */
function limitRow([key, words]: [string, string], index: number): [string, string] {
  return [index === 0 ? 'limits' : '', `${key}: ${words}`];
}

function consentRows(consent: ConsentRead | undefined, directory: string): [string, string][] {
  if (consent === undefined) return [];
  const file = shortPath(directory, consent.file);
  return [['consent', printable(`${file}: ${stateOf(consent)}`)]];
}

/** The same as JSON; nothing of a system that drill makes. */
function ownPart({ plan, consent }: DrillRead) {
  if (consent === undefined) return {};
  const { file } = consent;
  const limits = Object.fromEntries(limitRows(plan));
  return { limits, consent: { file, state: stateOf(consent) } };
}

function stateOf({ consent, problem }: ConsentRead): string {
  return consent === null ? problem! : `${consent.by} agreed, until ${consent.until}`;
}

type Described = ReturnType<typeof describePlan>;

function linkWords({ links }: Described['creates']): string {
  return links.map(({ name, delay }) => `${name} (${delay})`).join(', ');
}

type Faults = Described['faults'];

/** Nothing where nobody recovers anything. */
function recoveryRows(plan: Plan, { worst_detection_ms, declare, recovery }: Described) {
  if (recovery.with === 'none') return [];
  const steps = `${recovery.with}: ${recovery.steps.join('; ')}`;
  const rows: [string, string][] = hasDisaster(plan)
    ? [
        ['detection', detectionPhrase(worst_detection_ms)],
        ['declaration', declare],
      ]
    : [['decision', declare]];
  return [...rows, ['recovery', steps] as [string, string]];
}

function detectionPhrase(worst_ms: number | null): string {
  return worst_ms === null
    ? 'no health check sees it'
    : `at worst ${formatDuration(worst_ms)} after the fault`;
}

function faultRows({ steady }: Plan, faults: Faults): [string, string][] {
  return faults.map(({ at_ms, drawn_from, kind, region, disaster, effect }, index) => {
    const mark = disaster ? ' (the disaster: the clock starts here)' : '';
    const steadily = `${formatDuration(steady.for_ms)} of steady state`;
    const when =
      at_ms === null
        ? withoutMoment(kind)
        : `${formatDuration(at_ms)} after ${steadily}${drawnWords(drawn_from)}`;
    // There is one GSLB, and it is of no region.
    const fault = definitionOf(kind).target === 'gslb' ? kind : `${kind} ${region}`;
    return [index === 0 ? 'faults' : '', `${when}: ${fault}${mark}; ${effect}`];
  });
}

/** When all goes well, and when nothing does: then each phase is stopped at its own limit. */
function durationRows({ waits, timeline, longest_ms }: Described): [string, string][] {
  const sum = waits.reduce((total, { ms }) => total + ms, 0);
  const parts = waits.map(({ what, ms }) => `${what} ${formatDuration(ms)}`);
  const limits = timeline.map(({ phase, at_most_ms }) => `${phase} ${formatDuration(at_most_ms)}`);
  return [
    [
      'duration',
      `when all goes well about ${formatDuration(sum)} of waits (${parts.join(', ')}), and the ` +
        'work between them: to start, to count, to clean up',
    ],
    [
      'longest',
      `${formatDuration(longest_ms)}, if every phase hangs until drill stops it at its limit: ` +
        limits.join(', '),
    ],
  ];
}
