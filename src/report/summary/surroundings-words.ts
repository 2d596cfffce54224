// What a run was measured on and with, in words: the machine, the versions, how much the stores
// held; and what one run does not prove.
import { OWN_SYSTEM } from '../../drill/names.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import { provenShare, trialsToProve } from '../../base/statistics.ts';
import { formatDuration } from '../../base/units.ts';
import type { StoreFacts, WatchFacts } from '../../drill/run-facts.ts';
import type { MachineFacts } from '../../host/machine/machine-facts.ts';
import { count, formatBytes, formatCount } from '../../screen/text.ts';
import type { Result } from '../../verdict/result.ts';
import { CONFIDENCE, SHARE_ASKED } from '../../verdict/series.ts';
import type { Surroundings } from '../../verdict/series-trial.ts';
import { faultName, whenOf } from './fault-words.ts';

/** `2 cores (AMD EPYC 7B13), 8.2 GB of memory, Debian 12, Linux 6.1.0; load 0.42 at the start` */
export function machineWords(machine: MachineFacts): string {
  const { cores, processor, memory_bytes, system, kernel, load, limits } = machine;
  const model = processor === '' ? '' : ` (${processor})`;
  const parts = [
    `${count(cores, 'core')}${model}`,
    `${formatBytes(memory_bytes)} of memory`,
    system,
    ...(kernel.startsWith(system) ? [] : [kernel]),
  ];
  const held = [
    ...(limits.cores === undefined ? [] : [count(limits.cores, 'core')]),
    ...(limits.memory_bytes === undefined ? [] : [formatBytes(limits.memory_bytes)]),
  ];
  const limit = held.length === 0 ? '' : `; held to ${held.join(' and ')} by its container`;
  return `${parts.join(', ')}; load ${load} at the start${limit}`;
}

/** `east/postgres (PostgreSQL 18.4): 24 MB, about 5,120 rows` */
export function storeWords({ store, node, version, bytes, rows }: StoreFacts): string {
  const [title, noun] = store === 'postgres' ? ['PostgreSQL', 'row'] : ['Redis', 'key'];
  const held = rows === null ? '' : `, about ${count(rows, noun)}`;
  const where = store === 'postgres' ? '' : ' in memory';
  return `${node} (${title} ${version}): ${formatBytes(bytes)}${where}${held}`;
}

/** `8.0 statements/s, 0.14 % of a core on east/db1; …, each by its own clock` */
export function watchWords(watch: readonly WatchFacts[]): string {
  const each = watch.map(({ node, statements_per_s, core_share }) => {
    const statements = `${statements_per_s.toFixed(1)} statements/s`;
    return `${statements}, ${(100 * core_share).toFixed(2)} % of a core on ${node}`;
  });
  return each.length === 0 ? '' : `${each.join('; ')}, each by its own clock`;
}

/** What was measured with and on, each with its name; what is not known is left out. */
export function surroundingsOf(result: Surroundings): (readonly [string, string])[] {
  const { runtime, drill_version, machine, databases = [] } = result;
  return [
    ...(drill_version === undefined ? [] : [['drill', drill_version] as const]),
    ...(runtime === null
      ? []
      : [
          ['runtime', runtime.kind] as const,
          ['PostgreSQL', runtime.postgres] as const,
          ['proxy', runtime.proxy] as const,
        ]),
    ...(machine === undefined || machine === null
      ? []
      : [['machine', machineWords(machine)] as const]),
    ...databases.map((each) => ['database', storeWords(each)] as const),
  ];
}

const TRIALS_ASKED = trialsToProve(SHARE_ASKED, CONFIDENCE);

/** What this one run says nothing of, each a sentence; made of its own facts. */
export function notProvedBy(result: Result): string[] {
  const { recovery, loss, drill, gates, verdict, failback } = result;
  if (recovery === null && loss === null) return ['Nothing was measured, so nothing is proved.'];
  const sure = `${100 * CONFIDENCE} % confidence`;
  const isMet = gates.length > 0 && gates.every(({ verdict }) => verdict === 'pass');
  const isMissed = gates.some(({ verdict }) => verdict === 'fail');
  const least = formatCount(Math.floor(100 * provenShare(1, 1, CONFIDENCE) + 1e-9));
  const share = `${100 * SHARE_ASKED} %`;
  const such = hasDisaster(drill) ? 'outages' : 'runs';
  const sample = isMet
    ? `One run that met its targets proves, with ${sure}, that at least ${least} % of such ` +
      `${such} do; to say so of ${share} of them takes ${TRIALS_ASKED} trials, all met`
    : isMissed
      ? 'One run that missed a target proves that it can be missed, and not how often'
      : verdict === 'fail'
        ? 'One run that failed proves that it can fail, and not how often'
        : 'One run that could not be judged proves neither that the targets are met nor that ' +
          'they are missed';
  // Where nothing leads the primary back, the second trial does not find it.
  const isLed = drill.strategy !== OWN_SYSTEM || !hasDisaster(drill) || failback !== null;
  const back = isLed ? '' : ', with failback: true';
  const trials = isMet ? TRIALS_ASKED : 10;
  const how = drill.trial === undefined ? ` (--repeat ${trials}${back})` : '';
  return [
    `${sample}${how}.`,
    ...momentSentence(result),
    surroundingsSentence(result, drill.strategy),
  ];
}

/** Why the next run gives another number. */
function momentSentence({ drill, faults = [], runtime, recovery }: Result): string[] {
  const disaster = faults.find((fault) => fault.disaster);
  if (disaster === undefined || recovery === null) return [];
  const first = `${faultName(disaster)}, ${whenOf(disaster)}`;
  const what =
    faults.length === 1
      ? `It was one fault at one moment: ${first}.`
      : `It was ${faults.length} faults at one set of moments; the clock starts at ${first}.`;
  const every = runtime?.settings['gslb every'];
  const checks = every === undefined ? 'of the health checks' : `of the health checks (${every})`;
  const isSeen = (recovery.marks['detected'] ?? null) !== null;
  const rounds = isSeen ? `the rounds ${checks} and of ` : '';
  const known =
    drill.strategy === OWN_SYSTEM ? 'what the system does in rounds' : 'what clients knew of DNS';
  const place = `It fell on one place of ${rounds}${known}`;
  const error = recovery.rto_ms === null || recovery.rto_ms === 0 ? '' : errorWords(recovery);
  return [`${what} ${place}; another place gives another number${error}.`];
}

function errorWords({ uncertainty_ms }: { readonly uncertainty_ms: number | null }): string {
  if (uncertainty_ms === null || uncertainty_ms === 0) return '';
  const bar = formatDuration(uncertainty_ms);
  return `, also by more than the error bar of ${bar}, which is that of this run alone`;
}

/** That another machine, more data, and another load give other numbers. */
export function surroundingsSentence(
  { machine, databases = [] }: Surroundings,
  strategy: string,
): string {
  const bytes = databases.reduce((sum, each) => sum + each.bytes, 0);
  const held = bytes === 0 ? 'small databases' : `databases of ${formatBytes(bytes)}`;
  const on = machine ? `a machine of ${count(machine.cores, 'core')}` : 'one machine';
  if (strategy === OWN_SYSTEM) {
    return (
      `It was measured with ${held}, by a load that drill made from ${on}: these are times of ` +
      'that system as it was then, under that load. More data and more load give other times.'
    );
  }
  return (
    `It was measured on ${on}, with ${held} and drill's own clients: these are times of this ` +
    'design with these settings, and not of a production system. More data takes longer to ' +
    'copy, to replay and to restore.'
  );
}
