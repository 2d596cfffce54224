// What was lost in a scenario, as drill says and as a count that has nothing to do with it says:
// the disk that the lost region had, and the database that serves, read by the test itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Evidence } from '../../../src/evidence/evidence.ts';
import type { EventName, RunEvent } from '../../../src/evidence/event.ts';
import { MARKER_WRITER, OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { rowsOf } from '../../../src/measure/loss/classify.ts';
import { classesOf } from '../../../src/measure/failback/failback-loss.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { idsFrom, idsOnDisk } from '../disk.ts';
import type { Scenario } from './scenario.ts';

/**
 * Lost is what was acknowledged and stands on the old disk alone; whatever else stands there alone
 * had no clear answer. Everything acknowledged is on that disk. Resolves to the lost ids.
 */
export async function expectExactLoss(scenario: Scenario, evidence: Evidence): Promise<string[]> {
  expect(failedChecks(evidence)).to.deep.equal([]);
  const serving = new Set(await idsServedBy(scenario, 'west'));
  const old = await idsOnDisk(scenario.run.place.id, oldDisk(scenario));
  const onlyOld = old.filter((id) => !serving.has(id));
  const acknowledged = new Set(idsWith(evidence, OUTCOME.acknowledged));
  const lost = idsOf(evidence, 'lost');
  expect(onlyOld.filter((id) => acknowledged.has(id)).toSorted()).to.deep.equal(lost);
  const unknown = new Set(idsWith(evidence, OUTCOME.unknown));
  const rest = onlyOld.filter((id) => !acknowledged.has(id));
  expect(rest.filter((id) => !unknown.has(id))).to.deep.equal([]);
  const gone = new Set(lost);
  const neither = [...acknowledged].filter((id) => !serving.has(id) && !gone.has(id));
  expect(neither, 'acknowledged, and in no count').to.deep.equal([]);
  const strangers = [...serving].filter(
    (id) => !acknowledged.has(id) && !unknown.has(id) && !id.startsWith(`${MARKER_WRITER}-`),
  );
  expect(strangers, 'there, and never promised').to.deep.equal([]);
  const { loss } = assess(evidence);
  expect(loss?.lost).to.equal(lost.length);
  return lost;
}

function oldDisk({ run }: Scenario): string {
  const data = join(run.place.scratch, run.plan.replication.from, 'data');
  return existsSync(data) ? data : `${data}-destroyed`;
}

/** Asked with a plain client, by none of drill's ways. */
export async function idsServedBy({ system }: Scenario, region: string): Promise<string[]> {
  const nodes = system.region(region).nodes();
  const { host, port } = nodes.find(({ kind }) => kind === 'postgres')!;
  return await idsFrom({ host, port, ...system.way.database! });
}

export function failedChecks({ events }: Evidence): string[] {
  return eventsOf(events, 'verification.checked')
    .flatMap(({ checks }) => checks)
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`);
}

export function eventsOf<N extends EventName>(events: readonly RunEvent[], name: N) {
  return events.filter((event) => event.event === name) as Extract<RunEvent, { event: N }>[];
}

/** In the order of their text. */
export function idsOf(evidence: Evidence, name: 'lost' | 'late' | 'kept' | 'intended'): string[] {
  const [store] = evidence.stores;
  const { operations } = store!;
  return rowsOf(classesOf(evidence, store!)!, name)
    .map((row) => `${operations!.writer.at(row)}-${operations!.sequence.at(row)}`)
    .toSorted();
}

export function idsWith({ stores }: Evidence, outcome: number): string[] {
  const { count, kind, writer, sequence, outcome: outcomes } = stores[0]!.operations!;
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => kind.at(row) !== OPERATION_KIND.read && outcomes.at(row) === outcome)
    .map((row) => `${writer.at(row)}-${sequence.at(row)}`);
}
