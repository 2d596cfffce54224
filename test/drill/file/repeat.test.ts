import { expect } from 'chai';
import { neededOf } from '../../../src/drill/file/schema-repeat.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';

const repeatOf = (text: string) => parse(`${GOOD}repeat: ${text}\n`).drill?.repeat;
const worst = { gate: 'worst' };

describe('repeat', () => {
  it('is warned of where nothing leads the primary of somebody’s own system back', () => {
    const moved = heads(`${ownDrill()}repeat: 3\n`);
    expect(moved).to.have.lengthOf(1);
    expect(moved[0]).to.match(/warning: repeat: .* say failback: true/);
    expect(heads(`${ownDrill()}repeat: 1\n`)).to.be.empty;
  });

  it('is a number of trials, or a mapping with how many have to meet the targets', () => {
    expect(repeatOf('10')).to.deep.equal({ trials: 10, rule: worst });
    expect(repeatOf('{ trials: 20 }')).to.deep.equal({ trials: 20, rule: worst });
    expect(repeatOf('{ gate: median }')).to.deep.equal({ trials: 10, rule: { gate: 'median' } });
    expect(repeatOf('{ trials: 20, at_least: 9 of 10 }')).to.deep.equal({
      trials: 20,
      rule: { at_least: { met: 9, of: 10 } },
    });
    expect(parse(GOOD).drill!.repeat).to.equal(undefined);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['0', /repeat/],
    ['-3', /repeat/],
    ['often', /expected a number of trials such as 10, or \{ trials: 10, at_least: 9 of 10 \}/],
    ['{ trials: 10, at_least: 11 of 10 }', /11 of 10 can never be met/],
    ['{ trials: 10, at_least: 90% }', /expected so many of so many, such as 9 of 10; got "90%"/],
    ['{ trials: 10, at_least: 9 of 10, gate: median }', /say the same in two ways/],
    ['{ trials: 10, gate: best }', /worst, median or p90|"worst"|worst/],
    ['{ trails: 10 }', /unknown key/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${text}`, () => {
      expect(heads(`${GOOD}repeat: ${text}\n`).join('\n')).to.match(message);
    });
  }

  it('comes to a number of trials, whatever the rule and however many are made', () => {
    const nine = { at_least: { met: 9, of: 10 } };
    expect([1, 9, 10, 11, 20].map((of) => neededOf(nine, of))).to.deep.equal([1, 9, 9, 10, 18]);
    expect([1, 2, 3, 10].map((of) => neededOf({ gate: 'median' }, of))).to.deep.equal([1, 2, 2, 6]);
    expect([1, 10, 20, 59].map((of) => neededOf({ gate: 'p90' }, of))).to.deep.equal([
      1, 9, 18, 54,
    ]);
    expect([1, 10].map((of) => neededOf({ gate: 'worst' }, of))).to.deep.equal([1, 10]);
  });
});
