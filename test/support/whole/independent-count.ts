// The loss and the recovery time that a run reports, against a count and a client that have nothing
// to do with drill's own.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Result } from '../../../src/verdict/result.ts';
import type { Ended, Workplace } from './drill-cli.ts';
import { Prober } from './prober.ts';
import { wasTooBusy } from './run-measured.ts';

/** Of the short drill: clients keep a DNS answer for so long, and the prober keeps none. */
const TTL_MS = 1_000;
const TOLERANCE_MS = 300;

const isFault = ({ event }: RunEvent) => event === 'fault.started';

interface Drilled {
  readonly ended: Ended;
  /** After the fault; null: the client never saw service come back. */
  readonly back_ms: number | null;
}

/**
 * Runs `drill.yaml` with a prober beside it, and keeps the system, which can then be asked. Once more
 * if nothing but a busy machine kept the run from being measured.
 */
export async function drillAndProbe(
  place: Workplace,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Drilled> {
  const first = drillOnce(place, args, env);
  await first.catch(() => {}); // it may have ended before its disaster
  if (!wasTooBusy(place.result().reasons)) return await first;
  await place.run(['clean', '--kept'], env);
  return await drillOnce(place, args, env);
}

async function drillOnce(
  place: Workplace,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Drilled> {
  const all = ['run', 'drill.yaml', '--keep', 'always', '--reporter', 'plain', ...args];
  const run = place.start(all, env);
  const prober = new Prober(await run.event('the system', ({ event }) => event === 'topology.up'));
  try {
    await run.event('the cut', ({ event }) => event === 'workload.stopped');
  } finally {
    await prober.backAfter(0);
  }
  const ended = await run.ended;
  const events = place.events();
  const began = events.find((event) => event.event === 'run.started');
  const fault_ms = (began?.event === 'run.started' ? began.origin_ms : 0) + events.find(isFault)!.t;
  const back = await prober.backAfter(fault_ms);
  return { ended, back_ms: back === null ? null : back - fault_ms };
}

/**
 * Acknowledged and not among the ids that the serving database holds: that is what was lost, and
 * nobody else is there. Resolves to how many.
 */
export async function expectExactLoss(place: Workplace, serving: string[]): Promise<number> {
  const { loss } = place.result();
  const exported = await exportOf(place);
  const kept = new Set(serving);
  const acknowledged = idsWith(exported, ({ outcome }) => outcome === 'acknowledged');
  const gone = acknowledged.filter((id) => !kept.has(id));
  expect(idsWith(exported, (row) => row.class === 'lost')).to.have.members(gone);
  expect(loss!.lost).to.equal(gone.length);
  const strangers = new Set(kept);
  for (const { writer, sequence } of exported) strangers.delete(`${writer}-${sequence}`);
  expect([...strangers]).to.deep.equal([]);
  expect(loss!.split_brain).to.equal(0);
  expect(loss!.second).to.include({ agrees: true, never_durable: 0 });
  expect(loss!.second!.only_old).to.be.at.least(gone.length);
  return gone.length;
}

export function expectRightTime({ recovery }: Result, { back_ms }: Drilled): void {
  const told = `rto ${recovery!.rto_ms}, an independent client: ${back_ms}`;
  expect(back_ms, told).to.not.equal(null);
  expect(recovery!.rto_ms, told).to.be.at.least(back_ms! - TOLERANCE_MS);
  const low_ms = recovery!.rto_ms! - recovery!.uncertainty_ms!;
  expect(low_ms, told).to.be.at.most(back_ms! + TTL_MS + TOLERANCE_MS);
}

interface Exported {
  readonly writer: string;
  readonly sequence: string;
  readonly outcome: string;
  readonly class: string;
  readonly kind: string;
}

async function exportOf(place: Workplace): Promise<Exported[]> {
  const { stdout } = await place.run(['ledger', 'latest', '--format', 'ndjson']);
  const rows = stdout.trim().split('\n');
  return rows.map((row) => JSON.parse(row) as Exported).filter(({ kind }) => kind !== 'read');
}

function idsWith(rows: readonly Exported[], isIt: (row: Exported) => boolean): string[] {
  return rows.filter(isIt).map(({ writer, sequence }) => `${writer}-${sequence}`);
}

/** The address of a database of the kept system, and the password that only a file holds. */
export function keptDatabase(place: Workplace, node: string) {
  const { url, connect } = place.result().kept.find((each) => each.node === node)!;
  return { url: new URL(url), passfile: /PGPASSFILE='([^']+)'/.exec(connect)![1]! };
}
