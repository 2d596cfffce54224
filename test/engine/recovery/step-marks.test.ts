// Marks of steps: what somebody says ends with a step, held against what drill sees of its servers.
import { expect } from 'chai';
import type { StepMark } from '../../../src/drill/recovery/by-hand.ts';
import { StepMarks } from '../../../src/engine/recovery/step-marks.ts';
import type { ServerLook, ServerState } from '../../../src/evidence/events/server-look.ts';
import type { OwnSystem } from '../../../src/topology/system/own.ts';
import type { System } from '../../../src/topology/system/system.ts';
import { plan } from '../../support/evidence/results.ts';
import { ContextInTest } from '../../support/system/run-context.ts';

const EVERY_MS = 250;
type Picture = Readonly<Record<string, ServerState>>;

/** One picture after the other, each of looks that begin then; the last one stays. */
async function looked(mark: StepMark, pictures: readonly Picture[], leads: string | null = null) {
  const test = new ContextInTest(plan);
  const { clock } = test;
  const picture = (): ServerLook[] => {
    const nth = Math.floor(clock.now() / EVERY_MS);
    const seen = pictures[Math.min(nth, pictures.length - 1)]!;
    const asked_ms = nth * EVERY_MS;
    return Object.entries(seen).map(([node, state]) => ({
      ...{ node, state, asked_ms, answered_ms: asked_ms, timeline: null, detail: state },
    }));
  };
  const own: Pick<OwnSystem, 'until' | 'leadsTo'> = {
    until: async (find, signal) => {
      for (;;) {
        const found = find(picture());
        if (found !== null) return found;
        await clock.sleep(EVERY_MS, signal);
      }
    },
    leadsTo: async () => ({ node: leads, detail: `it leads to ${leads}` }),
  };
  const marks = new StepMarks(test.run, { own } as System, 'east');
  await clock.advance(10);
  marks.ended({ step: 'it', mark }, clock.now());
  for (let round = 0; round < 30; round++) await clock.advance(EVERY_MS);
  await marks.over();
  return test.events.find(({ event }) => event === 'step.marked');
}

describe('a mark of a step', () => {
  const [before, after]: Picture[] = [
    { 'east/db1': 'primary', 'east/db2': 'standby', 'west/db3': 'standby' },
    { 'east/db1': 'refuses', 'east/db2': 'standby', 'west/db3': 'primary' },
  ];

  it('is believed where the next look at each server sees the same, and when it did', async () => {
    for (const mark of ['fenced', 'writable'] as const) {
      expect(await looked(mark, [before!, after!])).to.include({
        t: EVERY_MS,
        step: 'it',
        mark,
        ok: true,
      });
    }
    expect(await looked('redirected', [before!], 'west/db3')).to.include({ ok: true });
  });

  it('is not believed of a server that says nothing: it may take writes of others', async () => {
    const silent: Picture = { ...after!, 'east/db1': 'silent' };
    expect(await looked('fenced', [before!, silent])).to.include({ ok: false });
  });

  it('is not believed where it sees otherwise, whatever comes later', async () => {
    for (const mark of ['fenced', 'writable'] as const) {
      const found = await looked(mark, [after!, before!, after!]);
      expect(found).to.include({ mark, ok: false });
      expect(found).to.have.property('detail').that.contains('standby');
    }
    expect(await looked('redirected', [after!], 'east/db1')).to.include({ ok: false });
    expect(await looked('redirected', [after!], null)).to.include({ ok: false });
  });
});
