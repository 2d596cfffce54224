// delay-declaration: the operators declare the disaster later than `declare` says. Nobody is at
// the desk, or they do not believe it yet.
import { formatDuration, writeDuration } from '../../../base/units.ts';
import { duration } from '../../fields.ts';
import { ms } from '../../planned.ts';
import { defineFault } from '../fault.ts';
import { ON_OPERATORS } from './operators.ts';

export const delayDeclaration = defineFault({
  ...ON_OPERATORS,
  summary: 'the operators declare the disaster later than `declare` says',
  proof: 'The time from the decision, and from the detection, to the declaration is measured.',
  settings: { by: duration('100ms', '24h').prefault('30s').describe('How much later.') },
  planned: { by_ms: ms },
  plan: ({ by }) => ({ by_ms: by }),
  operatorsTake: ({ by_ms }) => ({ declared_ms: by_ms, mistaken_ms: 0 }),
  phrase: ({ by_ms }) =>
    `once it is decided, the disaster is declared ${formatDuration(by_ms)} later`,
  words: ({ by_ms }) => [writeDuration(by_ms)],
});
