// No production by accident: names that look like it, wherever a drill file has them.
import { ownCommands } from '../../../drill/consent/commands.ts';
import { statedNames } from '../../../drill/consent/consent.ts';
import type { Rail } from './rail.ts';

/** As a word: `db-prod-1` and `prod2` have it, `product` and `deliver` have not. */
const PRODUCTION = /(?<![a-z])(?:prod|prd|live|production)(?![a-z])/i;

export const production: Rail = {
  name: 'no production',
  allowedBy: 'production',
  find: ({ plan }) => {
    const words = [
      ...statedNames(plan),
      ...ownCommands(plan).flatMap(({ of, use, command }) =>
        command.map((word) => ({ where: `${use} of ${of}`, text: word })),
      ),
    ];
    const found = words.find(({ text }) => PRODUCTION.test(text));
    if (found === undefined) return null;
    return {
      what: found.where,
      expected: 'no name that looks like production',
      found: found.text,
      hint: 'if it is none, or is meant: drill attach FILE --allow production',
    };
  },
};
