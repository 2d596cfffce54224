// The files that pages load: from the dashboard itself, and from nowhere else.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RUN_STYLE } from '../report/html/run-style.ts';
import { PAGE_STYLE } from '../report/html/style.ts';
import { zoomFiles } from '../report/html/zoom.ts';
import { DASHBOARD_STYLE, ICON } from './pages/style.ts';

/** The build makes it; whoever runs drill's sources has built it before. */
const BUILT = import.meta.url.endsWith('.ts') ? '../../dist/dashboard/' : './';

export interface Asset {
  readonly type: string;
  readonly text: string;
}

export function makeAssets(): ReadonlyMap<string, Asset> {
  const zoom = zoomFiles();
  const script = 'text/javascript; charset=utf-8';
  const page = readFileSync(fileURLToPath(new URL(`${BUILT}page.js`, import.meta.url)), 'utf8');
  const style = PAGE_STYLE + RUN_STYLE + zoom.style + DASHBOARD_STYLE;
  return new Map([
    ['style.css', { type: 'text/css; charset=utf-8', text: style }],
    ['zoom.js', { type: script, text: zoom.script }],
    ['page.js', { type: script, text: page }],
    ['icon.svg', { type: 'image/svg+xml', text: ICON }],
  ]);
}
