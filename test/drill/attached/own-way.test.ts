// Templates of what a team is asked, with names in braces.
import { expect } from 'chai';
import { filledIn } from '../../../src/drill/attached/own-way.ts';

describe('a template', () => {
  it('has values in the place of their names, once, and the rest as it is', () => {
    const json =
      '{"id": "{run}-{writer}", "of": "{nobody}", "is": {"constructor": "{constructor}"}}';
    expect(filledIn(json, { run: '$& {writer}', writer: 7 })).to.equal(
      '{"id": "$& {writer}-7", "of": "{nobody}", "is": {"constructor": "{constructor}"}}',
    );
  });
});
