// What a page needs for zoom and hover: the script and its style sheet, as the build has joined
// them, and the values of the charts as JSON that nothing can break out of.
import { clockStart } from '../../drill/plan/clock.ts';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printable } from '../../screen/text.ts';
import type { RunView } from '../view/run-view.ts';
import { chartsOf } from './charts.ts';

/** The build makes them; whoever runs drill's sources has built it before. */
const BUILT = import.meta.url.endsWith('.ts') ? '../../../dist/report/html/' : './';

/** The script and its style sheet. */
export function zoomFiles(): { readonly script: string; readonly style: string } {
  return { script: built('zoom.js'), style: built('zoom.css') };
}

/** The element with the values that the script reads; null where no chart is shown. */
export function zoomData(views: readonly RunView[]): string | null {
  const runs = views.map(runData).filter(({ charts }) => charts.length > 0);
  if (runs.length === 0) return null;
  return `<script type="application/json" id="chart-data">${inertJson(runs)}</script>`;
}

function built(name: string): string {
  return readFileSync(fileURLToPath(new URL(BUILT + name, import.meta.url)), 'utf8').trim();
}

/** The element of a chart; a run has its number on the page. */
export function chartId(run: number, chart: number): string {
  return `chart-${run}-${chart}`;
}

/** Times are milliseconds since the disaster, or the beginning of what is shown. */
function runData(view: RunView, run: number) {
  const zero_ms = view.disaster_ms ?? view.span.from_ms;
  const since = (ms: number) => rounded(ms - zero_ms);
  return {
    id: run,
    origin: view.disaster_ms === null ? 'since the beginning' : `since ${clockStart(view.plan)}`,
    from_ms: since(view.span.from_ms),
    to_ms: since(view.span.to_ms),
    faults: view.faults.map(({ isDisaster, from_ms, to_ms }) => {
      return { isDisaster, from_ms: since(from_ms), to_ms: since(to_ms) };
    }),
    charts: chartsOf(view).map(({ unit, curves, from_ms, span_ms }, at) => ({
      id: chartId(run, at),
      unit,
      from_ms: since(from_ms),
      span_ms: rounded(span_ms),
      curves: curves.map(({ name, kind, values }) => {
        const shown = values.map((value) => (value === null ? null : rounded(value)));
        return { name: printable(name), kind, values: shown };
      }),
    })),
  };
}

/** More than a reader can see. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** What could end its element, be a command to a CI runner or be changed on its way is escaped. */
function inertJson(value: unknown): string {
  const escaped = (character: string) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  };
  return JSON.stringify(value)
    .replaceAll(/[<>&#\u007f-\uffff]/g, escaped)
    .replaceAll('::', '\\u003a\\u003a');
}
