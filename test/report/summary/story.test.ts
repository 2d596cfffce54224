// What the summary says of the cause: which faults, when, who declared the disaster, which version.
import { expect } from 'chai';
import { assess } from '../../../src/verdict/assess.ts';
import { evidenceOf } from '../../support/evidence/synthetic.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { readStory, storyOf } from '../../../src/report/summary/story.ts';
import { summaryText } from '../../../src/report/summary/summary.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { passed, plan } from '../../support/evidence/results.ts';
import { makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

const started = { id: 'x', name: 'x', at: '', origin_ms: 0, drill_version: '1.2.3' };
const events: readonly RunEvent[] = [
  { t: 0, event: 'run.started', ...started },
  {
    t: 9_000,
    event: 'fault.started',
    index: 0,
    kind: 'lose-region',
    region: 'east',
    disaster: true,
  },
  { t: 9_040, event: 'fault.injected', index: 0, detail: 'killed east/postgres' },
  { t: 9_700, event: 'disaster.declared', by: 'automatic, on detection' },
];

describe('the story of a run', () => {
  const story = storyOf({ ...plan, description: 'East is lost.' }, events);

  it('says what was broken, when, and who declared it a disaster', () => {
    const after = `${plan.faults[0]!.at_ms / 1000} s after the steady state`;
    expect(story.broken).to.deep.equal([
      `lose-region east, kill, ${after} (at 9 s): killed east/postgres. The clock starts here.`,
      'Declared a disaster at 9.7 s: automatic, on detection.',
    ]);
  });

  it('says from which range a moment was drawn', () => {
    const drawn_from = { from_ms: 1_000, to_ms: 4_000 };
    const faults = [{ ...plan.faults[0]!, at_ms: 2_310, drawn_from }];
    const { broken } = storyOf({ ...plan, faults }, events);
    expect(broken[0]).to.include(
      'lose-region east, kill, 2.31 s after the steady state, drawn from 1s..4s (at 9 s)',
    );
    const { drill } = assess(evidenceOf({ plan: { ...plan, faults } }));
    const { from_ms, to_ms } = drawn_from;
    expect(drill.drawn).to.deep.equal([{ fault: 'lose-region', at_ms: 2_310, from_ms, to_ms }]);
    expect(assess(evidenceOf({ plan })).drill).not.to.have.property('drawn');
  });

  it('tells a condition from the disaster, and a fault that was never injected', () => {
    const link = { link: 'east-west', latency_ms: 200 };
    const faults = [plannedFault('latency', link, { beforehand: true, disaster: false })];
    const slow = { ...events[1]!, kind: 'latency', disaster: false } as RunEvent;
    const { broken } = storyOf({ ...plan, faults }, [slow]);
    expect(broken).to.deep.equal(['latency east-west, 200ms, before the steady state (at 9 s).']);
  });

  it('stands in the summary, with date and version', () => {
    const options = { directory: 'here', commandName: 'drill', columns: 100, hasColour: false };
    const text = summaryText(passed, { ...options, failure: null, story });
    expect(text).to.match(/^East is lost\.$/m);
    expect(text).to.match(/What was broken\n {2}• lose-region east/);
    expect(text).to.match(/^when +2026-11-22 20:13:17 UTC · drill 1\.2\.3$/m);
    const unknown = summaryText(passed, { ...options, failure: null, story: null });
    expect(unknown).to.match(/^when +2026-11-22 20:13:17 UTC$/m);
    expect(unknown).not.to.contain('What was broken');
  });

  it('is none where there is no plan to read', () => {
    const folder = makeFolder();
    expect(readStory(folder)).to.equal(null);
    removeFolder(folder);
  });
});
