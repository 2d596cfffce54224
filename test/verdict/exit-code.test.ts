// Exit codes: the table that scripts rely on, and which one wins.
import { expect } from 'chai';
import { EXIT, EXIT_MEANINGS, worstExit, worstVerdict } from '../../src/verdict/exit-code.ts';
import type { Verdict } from '../../src/verdict/result.ts';

const WORST_FIRST = ['internal', 'interrupted', 'fail', 'unclean', 'environment', 'inconclusive'];

describe('an exit code', () => {
  it('is what scripts were told', () => {
    expect(EXIT).to.deep.equal({
      ...{ pass: 0, fail: 1, usage: 2, inconclusive: 3, environment: 4, unclean: 5 },
      ...{ internal: 70, interrupted: 130 },
    });
  });

  it('has a meaning of its own, and the list of them begins with the best', () => {
    const names = EXIT_MEANINGS.map(([name]) => name);
    expect(names).to.deep.equal(Object.keys(EXIT));
    const words = EXIT_MEANINGS.map(([, meaning]) => meaning);
    expect(new Set(words).size).to.equal(words.length);
    for (const meaning of words) expect(meaning).to.match(/^[a-z].{10,}/);
  });

  it('of several is the worst, in whichever order they came', () => {
    const codes = WORST_FIRST.map((name) => EXIT[name as Verdict]);
    codes.forEach((worst, at) => {
      const rest = [...codes.slice(at), EXIT.pass];
      expect(worstExit(rest)).to.equal(worst);
      expect(worstExit(rest.toReversed())).to.equal(worst);
    });
    expect(worstExit([])).to.equal(0);
    expect(worstExit([0, 0])).to.equal(0);
  });

  it('that nobody knows is never hidden', () => {
    expect(worstExit([70, 99, 0])).to.equal(99);
    expect(worstExit([2, 70])).to.equal(2); // a usage error ends no run
  });
});

describe('the verdict of several runs', () => {
  it('is the worst of theirs, and a pass of none', () => {
    WORST_FIRST.forEach((worst, at) => {
      const verdicts = ['pass', ...WORST_FIRST.slice(at)] as Verdict[];
      expect(worstVerdict(verdicts)).to.equal(worst);
    });
    expect(worstVerdict(['pass'])).to.equal('pass');
    expect(worstVerdict([])).to.equal('inconclusive');
  });
});
