// A dead server made a standby of the one that took over, with PostgreSQL's own tools: the
// entrypoint's mode `rebuild` (pg_rewind where that works, else pg_basebackup and pg_verifybackup)
// in a container of its own on the dead one's volume; then the dead container starts again.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import { untilMarkerArrives } from '../../postgres/replicate/marker.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import type { Rebuilt } from '../system/protection.ts';
import { startRebuilder } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { saidBy } from './engine/logs.ts';
import { databaseAddress, type Parts } from './parts.ts';
import { slotsOf, TOXIPROXY, type Slot } from './project/slots.ts';
import { wayTo } from './way-to.ts';

const REBUILD_AT_MOST_MS = 300_000;
const CAUGHT_UP_AT_MOST_MS = 60_000;
const LOOK_MS = 5_000;
const POLL_MS = 50;
const SHOWN_LINES = 5;

/** Rejects with what the tools said. */
export async function rebuildContainer(
  parts: Parts,
  adopted: AdoptedLinks,
  name: string,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const { context, engine } = parts;
  const { clock, plan } = context;
  const began = clock.now();
  const [own, other] = slotsOf(plan).toSorted(({ region }) => (region.name === name ? -1 : 1)) as [
    Slot,
    Slot,
  ];
  const server = parts.regions.get(name)!.server!;
  const dead = server.container;
  const { state, detail } = await dead.look(LOOK_MS);
  if (state !== 'dead') {
    throw new OperationFailed({
      what: dead.node,
      expected: 'it dead',
      found: `it running (${detail})`,
    });
  }
  const port = await wayTo(adopted, plan, other);
  const primary = { host: TOXIPROXY, port, standbyName: name };
  await server.provideVolume();
  const helper = await startRebuilder(engine, dead, primary);
  const said = await outputOf(parts, helper, signal);
  const line = said.findLast((each) => each.includes('rebuilt by'));
  if (line === undefined) {
    const found = said.slice(-SHOWN_LINES).join('; ');
    throw new OperationFailed({ what: dead.node, expected: 'it to be rebuilt', found });
  }
  await server.start();
  const upstream = databaseAddress(parts, other.region.name);
  await untilStreaming(upstream, name, false, clock, CAUGHT_UP_AT_MOST_MS, signal);
  const pair = {
    primary: upstream,
    standby: databaseAddress(parts, own.region.name),
    node: dead.node,
  };
  const arrived = await untilMarkerArrives(pair, clock, CAUGHT_UP_AT_MOST_MS, signal);
  const how = line.includes('rebuilt by pg_rewind') ? 'rewound' : 'cloned';
  const check = { name: `rebuild of ${dead.node}`, ok: true, detail: line.trim() };
  return { how, ms: clock.now() - began, checks: [check, arrived] };
}

/** Waits until it has ended and removes it; what it said, a line each. */
async function outputOf(parts: Parts, helper: Container, signal: AbortSignal): Promise<string[]> {
  const { engine, context } = parts;
  const until = context.clock.now() + REBUILD_AT_MOST_MS;
  try {
    while ((await helper.look(LOOK_MS)).state !== 'dead') {
      if (context.clock.now() > until) return [`not done after ${REBUILD_AT_MOST_MS / 1_000} s`];
      await context.clock.sleep(POLL_MS, signal);
    }
    return await saidBy(engine, helper);
  } finally {
    await engine.call(`remove ${helper.node}`, (docker) =>
      docker.getContainer(helper.id).remove({ force: true, v: false }),
    );
  }
}
