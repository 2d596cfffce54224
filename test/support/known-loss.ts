// What was lost, by a count that is none of drill's: the ids on the dead disk and those that serve,
// beside the ledger of what clients were told.
import { Client } from 'pg';
import { OPERATION_KIND, OUTCOME } from '../../src/evidence/operation.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { rowsOf } from '../../src/measure/classify.ts';
import { classesOf } from '../../src/measure/ledger-classes.ts';
import { diskOf, idsOnDisk } from './disk-ids.ts';
import type { Scenario } from './scenario.ts';

interface AcknowledgedWrite {
  readonly id: string;
  readonly sent_ms: number;
  readonly done_ms: number;
}

/** Ids as `writer-sequence`. */
export interface Known {
  readonly evidence: Evidence;
  /** On the lost region's disk, and served by the other one. */
  readonly old: readonly string[];
  readonly serving: readonly string[];
  readonly onlyOld: readonly string[];
  /** Clients were told that these are there. */
  readonly acknowledged: readonly string[];
  /** The same, with when each was sent and answered on the run's clock. */
  readonly writes: readonly AcknowledgedWrite[];
  /** Acknowledged, and not served: sorted, as `counted`, which is what drill says. */
  readonly lost: readonly string[];
  readonly counted: readonly string[];
}

/** After the recovery; region east was lost, west serves. Verifies the run. */
export async function known(scenario: Scenario): Promise<Known> {
  const old = await idsOnDisk(diskOf(scenario.run.place.scratch, 'east'));
  const evidence = await scenario.verify();
  const failed = failedChecks(evidence);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  const serving = await idsServedBy(scenario, 'west');
  const there = new Set(serving);
  const writes = acknowledgedWrites(evidence);
  const acknowledged = writes.map(({ id }) => id);
  const onlyOld = old.filter((id) => !there.has(id));
  const lost = acknowledged.filter((id) => !there.has(id)).toSorted();
  const counted = countedLost(evidence);
  return { evidence, old, serving, onlyOld, acknowledged, writes, lost, counted };
}

/** Asked with a plain client. */
export async function idsServedBy({ system }: Scenario, region: string): Promise<string[]> {
  const nodes = system.region(region).nodes();
  const { host, port } = nodes.find(({ kind }) => kind === 'postgres')!;
  const client = new Client({ host, port, ...system.workloadDatabase });
  await client.connect();
  try {
    const sql = `select writer || '-' || sequence as id from orders`;
    return (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

function failedChecks({ events }: Evidence): string[] {
  return events
    .flatMap((event) => (event.event === 'verification.checked' ? event.checks : []))
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`);
}

function countedLost(evidence: Evidence): string[] {
  const [store] = evidence.stores;
  const { operations } = store!;
  return rowsOf(classesOf(evidence, store!)!, 'lost')
    .map((row) => `${operations!.writer[row]}-${operations!.sequence[row]}`)
    .toSorted();
}

function acknowledgedWrites({ stores }: Evidence): AcknowledgedWrite[] {
  const { count, kind, writer, sequence, outcome, sent_ms, done_ms } = stores[0]!.operations!;
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => kind[row] !== OPERATION_KIND.read && outcome[row] === OUTCOME.acknowledged)
    .map((row) => {
      const id = `${writer[row]}-${sequence[row]}`;
      return { id, sent_ms: sent_ms[row]!, done_ms: done_ms[row]! };
    });
}
