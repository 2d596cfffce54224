// Where the primary has to stand for a drill to begin: a run before this one may have moved it.
import { regionOf } from '../../../base/node-name.ts';
import type { OwnPlan } from '../../../drill/own-plan.ts';
import type { Rail, Refusal } from './rail.ts';

/** `node`: the primary of now. Null: the drill looks for it there. */
export function primaryElsewhere(
  { name, replication: { from } }: Pick<OwnPlan, 'name' | 'replication'>,
  node: string,
): Refusal | null {
  const found = regionOf(node);
  if (found === from) return null;
  return {
    what: `the primary of ${name}`,
    expected: `it in ${from}, whose servers the file names first`,
    found: `it in ${found} now: ${node} takes writes`,
    hint:
      `move it back to ${from} with the tool of the system, such as patronictl switchover; or ` +
      `have ${found} and ${from} change places in the file: topology.system.databases, and of ` +
      'each fault its region, its commands and what is seen',
  };
}

export const place: Rail = {
  name: 'the primary where the drill looks for it',
  allowedBy: null,
  find: ({ plan, servers }) => {
    const primary = servers.find(({ isPrimary }) => isPrimary);
    return primary === undefined ? null : primaryElsewhere(plan, primary.node);
  },
};
