// A folder of its own with a drill in it and room for a past.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDrill, type DrillRead } from '../../../src/session/read.ts';

interface Past {
  /** Whoever asked for it removes it. */
  readonly directory: string;
  readonly runs: string;
  readonly drill: DrillRead;
}

/** Of region-outage, with what it promises as YAML: `{ rto: 15s }`. */
export async function openPast(targets: string): Promise<Past> {
  const directory = mkdtempSync(join(tmpdir(), 'drill-past-'));
  const runs = join(directory, '.drill', 'runs');
  mkdirSync(runs, { recursive: true });
  const text = `drill: 1
name: region-outage
targets: ${targets}
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;
  writeFileSync(join(directory, 'drill.yaml'), text);
  const { drill } = await readDrill('drill.yaml', {}, { directory, environment: {} });
  return { directory, runs, drill: drill! };
}
