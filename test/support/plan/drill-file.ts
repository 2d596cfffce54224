// A drill file that is right, and ways to make it wrong, for the tests of this folder.
import type { DrillLayers } from '../../../src/drill/file/config.ts';
import { formatDiagnostic } from '../../../src/drill/file/diagnostic.ts';
import { parseDrill } from '../../../src/drill/parse-drill.ts';

export const GOOD = `drill: 1
name: good
targets: { rto: 15s, rpo: 1s }
topology:
  strategy: warm-standby
faults:
  - { at: 2s, kind: lose-region, region: east }
`;

export function parse(text: string | Uint8Array, layers: DrillLayers = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseDrill({ file: 'a.yaml', bytes }, layers);
}

/** The first line of each diagnostic, as the user sees it. */
export function heads(text: string | Uint8Array, layers: DrillLayers = {}): string[] {
  return parse(text, layers).diagnostics.map((each) => formatDiagnostic(each).split('\n')[0]!);
}
