// The charts of a run over all of its time, as data: their drawings and what a reader zooms into
// are made from the same.
import { formatDuration } from '../../base/units.ts';
import type { RunView } from '../view/run-view.ts';
import type { Chart, Curve } from './curves.ts';

export function chartsOf(view: RunView): Chart[] {
  return [...rateCharts(view), ...lagCharts(view)].filter(({ curves }) => {
    return curves.some(({ values }) => values.some((value) => value !== null));
  });
}

function rateCharts({ rates }: RunView): Chart[] {
  if (rates === null) return [];
  const { from_ms, span_ms } = rates;
  const per = `each ${formatDuration(span_ms)}`;
  const served = rates.served.map(({ region, per_s }, at): Curve => {
    return { name: `served by ${region}`, kind: `region-${at % 4}`, values: per_s };
  });
  const failed = { name: 'not served', kind: 'failed', values: rates.failed_per_s };
  return [
    {
      title: 'Throughput and errors',
      heading: `Throughput and errors, ${per}`,
      unit: 'per_s',
      curves: [...served.filter(({ values }) => values.some((each) => each)), failed],
      from_ms,
      span_ms,
    },
    {
      title: 'Latency',
      heading: `Latency of what was served, ${per}`,
      unit: 'ms',
      curves: [
        { name: 'p99', kind: 'p99', values: rates.p99_ms },
        { name: 'p50', kind: 'p50', values: rates.p50_ms },
      ],
      from_ms,
      span_ms,
    },
  ];
}

/** The most in each span; where there are fewer samples than spans, each span has about one. */
const LAG_SPANS_MAX = 300;

function lagCharts({ lag, span }: RunView): Chart[] {
  if (lag.length < 2) return [];
  const spans = Math.min(LAG_SPANS_MAX, lag.length);
  const span_ms = (span.to_ms - span.from_ms) / spans;
  const values: (number | null)[] = Array.from({ length: spans }, () => null);
  for (const { at_ms, bytes } of lag) {
    const at = Math.min(spans - 1, Math.floor((at_ms - span.from_ms) / span_ms));
    values[at] = Math.max(values[at] ?? 0, bytes);
  }
  const name = 'log that the other region lacked';
  return [
    {
      title: 'Replication lag',
      heading: 'Replication lag',
      unit: 'bytes',
      curves: [{ name, kind: 'lag', values }],
      from_ms: span.from_ms,
      span_ms,
    },
  ];
}
