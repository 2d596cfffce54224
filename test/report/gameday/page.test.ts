// The page of a game day says what was promised, measured, known and is to be mended, and who
// answers for it; what is written in a file injects nothing.
import { expect } from 'chai';
import { gameDayPage } from '../../../src/report/gameday/page.ts';
import { DAY_BEFORE_IT, PLANTED_DAY, RUNS_OF_DAY } from '../../support/evidence/planted-day.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
const page = (changes = {}) =>
  gameDayPage({
    record: { ...PLANTED_DAY, ...changes },
    before: DAY_BEFORE_IT,
    runs: RUNS_OF_DAY,
  });
/** Words without tags, in the order of the page. */
const textOf = (html: string) =>
  html
    .slice(html.indexOf('<body>'))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a game day', () => {
  it('says how each drill went, and how it was the last time', () => {
    const text = textOf(page());
    expect(text).to.include('FAIL Game day weekly 4 drills: 2 PASS, 1 FAIL, 1 not run.');
    expect(text).to.include('region-outage PASS 1 4.3 s 120 ms 3 was 3.9 s, worse');
    expect(text).to.include('disk-full not run');
    expect(text).to.include('due 2026-12-01 09:00 UTC, began 2026-12-01 09:02 UTC');
    expect(text).to.include('The one before it: 20261124T090000Z-weekly.');
  });

  it('puts what was measured beside what was promised, with what is known of it', () => {
    const text = textOf(page());
    expect(text).to.include('slow-promotion rto at most 15 s 21 s FAIL known: OPS-412');
    expect(text).to.include('region-outage rto at most 15 s 4.3 s PASS');
  });

  it('lists what is to be mended: what failed, what did not run, and findings of nothing', () => {
    const items = [...page().matchAll(/<li>(.*?)<\/li>/g)].map(([, item]) => item);
    expect(items.slice(0, 3)).to.deep.equal([
      'slow-promotion: rto, promised at most 15 s, was missed (known: OPS-412: the standby is promoted by hand).',
      'partition: rto passes now; take its finding away (OPS-7).',
      'disk-full: it did not run.',
    ]);
  });

  it('draws each run to scale, in the order in which they began', () => {
    const bars = [
      ...page().matchAll(/<rect class="run (\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g),
    ];
    expect(bars.map(([, verdict]) => verdict)).to.deep.equal(['pass', 'fail', 'pass']);
    const [first, second] = bars.map(([, , x, width]) => ({ x: Number(x), width: Number(width) }));
    // 530 pixels are the 50 seconds of the day.
    expect(first).to.deep.equal({ x: 180, width: 148.4 });
    expect(second!.x).to.be.closeTo(180 + (15 / 50) * 530, 0.1);
    expect(second!.width).to.be.closeTo((23 / 50) * 530, 0.1);
  });

  it('names who agreed and who signed, and has a line for everybody who has a role', () => {
    const text = textOf(page());
    expect(text).to.include('agreed to it ada, by drill gameday approve 2026-12-01 09:02 UTC');
    expect(text).to.include('signed grace 2026-12-01 10:00 UTC seen; OPS-412 is next');
    for (const line of ['owner platform team', 'on call Ada', 'observer Bob', 'observer Eve']) {
      expect(text).to.include(line);
    }
  });

  it('is whole where nothing ran, nobody has a role, and there was none before', () => {
    const record = {
      ...PLANTED_DAY,
      ...{ drills: [], roles: { owner: null, on_call: null, observers: [] }, approved: null },
      ...({ signed: [], verdict: 'inconclusive', began_at: null } as const),
      stop: { why: 'missed', text: 'no service ran when it was due' } as const,
    };
    const text = textOf(gameDayPage({ record, before: null, runs: [] }));
    expect(text).to.include('It was missed: no service ran when it was due');
    expect(text).to.include('There is none before it.');
    expect(text).to.include('signature');
    expect(text).not.to.include('Timeline');
  });

  it('is no place for markup of others', () => {
    const drills = PLANTED_DAY.drills.map((drill) => ({ ...drill, name: HOSTILE }));
    const roles = { owner: HOSTILE, on_call: HOSTILE, observers: [HOSTILE] };
    const signed = [{ at: PLANTED_DAY.due_at, by: HOSTILE, note: HOSTILE }];
    const record = { ...PLANTED_DAY, drills, roles, signed, description: HOSTILE, name: HOSTILE };
    const runs = RUNS_OF_DAY.map((run) => ({ ...run, drill: HOSTILE }));
    const html = gameDayPage({ record, before: null, runs });
    expect(html).not.to.include('<img');
    expect(html).to.include('&lt;img');
    expect(html).to.match(
      /Content-Security-Policy" content="default-src &#39;none&#39;|default-src 'none'/,
    );
  });
});
