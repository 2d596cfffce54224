// `live`: one screen on a terminal, redrawn in place; `plain` where the terminal cannot show it.
import type { Clock } from '../../host/clock.ts';
import { makePaint } from '../../screen/paint.ts';
import type { LiveArea, Output } from '../../screen/screen.ts';
import { liveFrame } from './live-frame.ts';
import { plainReporter } from './plain.ts';
import { advance, startProgress, type Progress } from './progress.ts';
import type { Reporter } from '../reporter.ts';

const REDRAW_MS = 100;
const NARROWEST = 60;
const LOWEST = 14;

/** The clock's zero must be that of the events' origin (`hostClock()`). */
export function liveReporter(output: Output, clock: Clock): Reporter {
  const { openArea } = output;
  if (openArea === undefined || output.columns() < NARROWEST || output.rows() < LOWEST) {
    return plainReporter(output, clock);
  }
  const paint = makePaint(output.hasColour);
  let progress: Progress | null = null;
  let area: LiveArea | null = null;
  let redrawing = new AbortController();
  const draw = () => {
    if (area === null || progress === null) return;
    const t = progress.origin_ms === null ? 0 : clock.now() - progress.origin_ms;
    area.draw(liveFrame(progress, { t, columns: output.columns(), rows: output.rows(), paint }));
  };
  const redraw = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      draw();
      await clock.sleep(REDRAW_MS, signal);
    }
  };
  const close = () => {
    redrawing.abort();
    area?.close();
    area = null;
  };
  return {
    onPlan: (plan) => {
      close();
      progress = startProgress(plan);
      area = openArea();
      redrawing = new AbortController();
      redraw(redrawing.signal).catch(() => close()); // its abort, or an output that is gone
    },
    onEvent: (event) => {
      if (progress !== null) progress = advance(progress, event);
    },
    onResult: close,
    onEnd: close,
  };
}
