// A workload in this process against stubs, for the tests of this folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedWorkload } from '../../src/drill/plan/plan.ts';
import { readLedger, type LedgerContents } from '../../src/evidence/ledger/ledger-reader.ts';
import type { Address } from '../../src/host/ports.ts';
import { openWorkload } from '../../src/workload/open-workload.ts';
import type { WorkloadSampled, WorkloadSettings } from '../../src/workload/protocol.ts';
import type { Workload } from '../../src/workload/workload.ts';

const PLANNED: PlannedWorkload = {
  via: 'http',
  rate_per_s: 200,
  writers: 4,
  payload_bytes: 64,
  timeout_ms: 300,
  reads: 0,
  updates: 0,
  shared_rows: 0,
  seed_rows: 0,
};

export function settingsFor(
  gslb: Address,
  ledger: string,
  workload: Partial<PlannedWorkload>,
): WorkloadSettings {
  return {
    origin_ms: 0,
    run: 'test',
    mark: 'test',
    store: 'orders',
    seed: 7,
    workload: { ...PLANNED, ...workload },
    gslb,
    ledger,
    nodes: ['east/app-1', 'west/app-1', 'east/app-2'],
    database: null,
    sample_every_ms: 100,
    pace: 'rate',
  };
}

export interface TestWorkload {
  readonly workload: Workload;
  readonly samples: WorkloadSampled[];
  /** Stops, drains, closes, and reads the ledger back. */
  finish(): Promise<LedgerContents>;
}

/** Opens a workload with a ledger in a directory of its own, which `finish` removes. */
export async function openTestWorkload(
  gslb: Address,
  planned: Partial<PlannedWorkload> = {},
  more: Partial<WorkloadSettings> = {},
  tell: (text: string) => void = () => {},
): Promise<TestWorkload> {
  const directory = mkdtempSync(join(tmpdir(), 'drill-workload-'));
  const file = join(directory, 'ledger.bin');
  const samples: WorkloadSampled[] = [];
  const settings = { ...settingsFor(gslb, file, planned), ...more };
  const workload = await openWorkload(settings, (sample) => samples.push(sample), tell);
  const finish = async () => {
    workload.stop();
    await workload.drain();
    workload.close();
    const contents = readLedger(file);
    rmSync(directory, { recursive: true });
    return contents;
  };
  return { workload, samples, finish };
}

/** One row of the ledger as an object. */
export interface LedgerRow {
  readonly kind: number;
  readonly writer: number;
  readonly sequence: number;
  readonly scheduled_ms: number;
  readonly sent_ms: number;
  readonly done_ms: number;
  readonly outcome: number;
  readonly node: number;
  readonly timeline: number;
  readonly flags: number;
}

export function rowsOf({ operations }: LedgerContents): LedgerRow[] {
  return Array.from({ length: operations.count }, (_, i) => ({
    kind: operations.kind.at(i),
    writer: operations.writer.at(i),
    sequence: operations.sequence.at(i),
    scheduled_ms: operations.scheduled_ms.at(i),
    sent_ms: operations.sent_ms.at(i),
    done_ms: operations.done_ms.at(i),
    outcome: operations.outcome.at(i),
    node: operations.node.at(i),
    timeline: operations.timeline.at(i),
    flags: operations.flags.at(i),
  }));
}
