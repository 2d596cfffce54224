// A condition on what clients meet right now, `availability < 50% for 30s`: what stops a run
// (`stop_when`), and what a fault can wait for (`when`).
import * as z from 'zod';
import {
  DURATION,
  formatBytes,
  formatDuration,
  formatShare,
  parseDuration,
  PERCENT,
  RATE,
  SIZE,
  writeDuration,
  writePercent,
  writeRate,
  writeSize,
  type Unit,
} from '../base/units.ts';
import { guessHint } from '../base/closest.ts';
import { describeInput } from './fields.ts';
import { ms } from './planned.ts';

interface Metric {
  readonly unit: Unit;
  /** A value of it for the file, and one for people. */
  readonly write: (value: number) => string;
  readonly show: (value: number) => string;
  /** For the reference. */
  readonly meaning: string;
}

const showRate = (value: number) => `${Math.round(value)}/s`;

/** All of the last second; the value is a share, milliseconds, operations a second, or bytes. */
export const METRICS = {
  availability: {
    unit: PERCENT,
    write: writePercent,
    show: formatShare,
    meaning: 'the operations that were acknowledged, of those that were due',
  },
  errors: {
    unit: PERCENT,
    write: writePercent,
    show: formatShare,
    meaning: 'the operations that ended without being acknowledged, of those that were due',
  },
  p99: {
    unit: DURATION,
    write: writeDuration,
    show: formatDuration,
    meaning: 'the p99 latency; without end where nothing was answered',
  },
  throughput: {
    unit: RATE,
    write: writeRate,
    show: showRate,
    meaning: 'the operations that were acknowledged',
  },
  replication_lag: {
    unit: SIZE,
    write: writeSize,
    show: formatBytes,
    meaning: 'the log that the standby has not, by the primary’s own word',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export const plannedCondition = z.strictObject({
  metric: z.enum(METRIC_NAMES),
  is: z.enum(['above', 'below']),
  value: z.number().min(0),
  /** It has to hold for so long without a break. */
  for_ms: ms,
});
export type Condition = Readonly<z.output<typeof plannedCondition>>;

const FORM = 'a condition such as availability < 50% for 30s, p99 > 5s or replication_lag > 1MB';
const PATTERN = /^([a-z0-9_]+) *([<>]) *([^ ]+)(?: +for +([^ ]+))?$/;

/** The condition, or what is wrong with the text. */
function read(text: string): Condition | string {
  const [, name = '', sign, stated = '', lasts] = PATTERN.exec(text.trim()) ?? [];
  if (sign === undefined) return `expected ${FORM}; got ${describeInput(text)}`;
  const metric = METRIC_NAMES.find((each) => each === name);
  if (metric === undefined) {
    const hint = guessHint(name, METRIC_NAMES);
    return `expected one of ${METRIC_NAMES.join(', ')}; got ${describeInput(name)}${hint}`;
  }
  const { unit, write } = METRICS[metric];
  const value = new RegExp(`^${unit.pattern}$`).test(stated) ? unit.parse(stated) : null;
  if (value === null) return `expected ${metric} in ${unit.suffix}; got ${describeInput(stated)}`;
  if (unit === PERCENT && value > 1) return `expected at most 100%, got ${write(value)}`;
  const for_ms = lasts === undefined ? 0 : parseDuration(lasts);
  if (for_ms === null)
    return `expected for and a duration such as 30s; got ${describeInput(lasts)}`;
  return { metric, is: sign === '>' ? 'above' : 'below', value, for_ms };
}

/** A key of a drill file that holds a condition. */
export const condition = z
  .string({ error: ({ input }) => `expected ${FORM}; got ${describeInput(input)}` })
  .transform((text, context) => {
    const found = read(text);
    if (typeof found !== 'string') return found;
    context.issues.push({ code: 'custom', message: found, input: text });
    return z.NEVER;
  });

/** As a drill file says it: `availability < 50% for 30s`. */
export function writeCondition({ metric, is, value, for_ms }: Condition): string {
  const limit = `${metric} ${is === 'above' ? '>' : '<'} ${METRICS[metric].write(value)}`;
  return for_ms === 0 ? limit : `${limit} for ${writeDuration(for_ms)}`;
}

/** A value of the metric for people: `12.3 %`. */
export function showMetric(metric: MetricName, value: number): string {
  return value === Infinity ? 'without end' : METRICS[metric].show(value);
}
