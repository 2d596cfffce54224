// Which regions serve once clients have stopped: those that clients are sent to, which are not
// assumed but asked. Where nothing there takes writes any more, a recovery has failed before it led
// them away: then what took over says what survived.
import { reasonOf } from '../../host/operation-failed.ts';
import type { Region } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';

const WRITE_MS = 500;

/** A region of which a store takes writes, and what came of one. */
interface Taking {
  readonly region: Region;
  readonly words: string;
}

/** The first one first; none where nobody says, and nobody takes writes. */
export async function servingRegions(run: RunContext, system: System): Promise<readonly Region[]> {
  const { from, to } = run.plan.replication;
  const sentTo = await whereClientsAre(run, system);
  // What was promoted has the newest timeline: it comes before what it was promoted in place of.
  const looks = await Promise.all([to, from].map((name) => lookAt(system.region(name))));
  const taking = looks.filter((each) => each !== null);
  const found = `${taking.map(({ words }) => words).join(', ')}; ${sentWords(sentTo)}`;
  if (taking.length > 1 && system.bidirectional === null) {
    tell(run, 'one region takes writes', found);
  }
  const isServed = sentTo.some(({ name }) => taking.some(({ region }) => region.name === name));
  const takeover = taking[0]?.region;
  if (isServed || takeover === undefined) return sentTo;
  tell(run, 'clients are sent to where writes are taken', `${found}; ${takeover.name} was read`);
  return [takeover];
}

async function whereClientsAre(run: RunContext, system: System): Promise<readonly Region[]> {
  const { plan, signal } = run;
  try {
    const names = await system.serving(signal);
    const active = plan.regions.find(({ role }) => role === 'active')!.name;
    return (names.length > 0 ? names : [active]).map((name) => system.region(name));
  } catch (error) {
    signal.throwIfAborted();
    tell(run, `the ${system.own === null ? 'GSLB' : 'system'} says who serves`, reasonOf(error));
    return [];
  }
}

/** Null where none of its stores takes a write. */
async function lookAt(region: Region): Promise<Taking | null> {
  const writes = [...region.stores.values()].map(async (store) => {
    const { accepted, detail } = await store.tryWrite(WRITE_MS);
    return accepted ? [`${store.node} takes writes (${detail})`] : [];
  });
  const taken = (await Promise.all(writes)).flat();
  return taken.length === 0 ? null : { region, words: taken.join(', ') };
}

function tell({ emit }: RunContext, name: string, detail: string): void {
  emit('verification.checked', { checks: [{ name, ok: false, detail }] });
}

function sentWords(sentTo: readonly Region[]): string {
  if (sentTo.length === 0) return 'nobody says where clients are sent';
  return `clients are sent to ${sentTo.map(({ name }) => name).join(' and ')}`;
}
