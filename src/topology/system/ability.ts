// What is said where somebody asks a system for what it does not have.
import { ABILITIES, type Ability } from '../../drill/ability.ts';
import { OperationFailed } from '../../host/operation-failed.ts';

/** The ability; throws where the system does not give it. */
export function needed<T>(given: T | null | undefined, ability: Ability, whose: string): T {
  if (given !== null && given !== undefined) return given;
  throw lacking(whose, ABILITIES[ability], 'none in this system');
}

export function lacking(what: string, expected: string, found: string): OperationFailed {
  return new OperationFailed({ what, expected, found });
}
