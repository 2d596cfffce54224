// What the database says for itself: whether it may be drilled, and what a drill would harm in it.
import type { Claim } from '../../../postgres/own/claim.ts';
import { firstOf, sqlName, type Rail, type Refusal } from './rail.ts';

/** In the comment on a database whose owner lets it be drilled. */
const ALLOW_MARK = 'dr-drill: allow';

function commentOn(database: string): string {
  return `comment on database ${sqlName(database)} is '${ALLOW_MARK}'`;
}

const mark: Rail = {
  name: 'the database says yes',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ isPrimary, node, database, comment }) => {
      if (!isPrimary || comment?.includes(ALLOW_MARK) === true) return null;
      return {
        what: `the comment on the database ${database}`,
        expected: `"${ALLOW_MARK}" in it, as its owner's own word`,
        found: comment === null ? 'no comment' : JSON.stringify(comment),
        hint: `on ${node}, by the owner: ${commentOn(database)}`,
      };
    }),
};

const claim: Rail = {
  name: 'nobody else drills it',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ database, claim: held }) => {
      if (held === null) return null;
      return {
        what: `the system of ${database}`,
        expected: 'nobody else to drill it',
        ...heldBy(held),
      };
    }),
};

/** Who has it, and what to do. */
export function heldBy({ run, by, until }: Claim): Pick<Refusal, 'found' | 'hint'> {
  return {
    found: `the run ${run} of ${by}, until ${until} at the latest`,
    hint: `wait; where that runner is gone, there: drill clean ${run}`,
  };
}

/** A subscriber without the table stops for good: dropping it here does not heal that. */
const publications: Rail = {
  name: 'no publication takes in drill’s tables',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, publications: [publication] }) => {
      if (publication === undefined) return null;
      return {
        what: `the publication ${publication} of ${database}, on ${node}`,
        expected: 'one that names its tables: drill makes some, which would stop its subscribers',
        found: `all tables, or all of the schema ${facts.plan.attached.schema}`,
        hint: `publish tables by name instead: create publication … for table …`,
      };
    }),
};

const eventTriggers: Rail = {
  name: 'no event trigger',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, event_triggers: [trigger] }) => {
      if (trigger === undefined) return null;
      return {
        what: `the event trigger ${trigger} of ${database}, on ${node}`,
        expected: 'none: it would run for the tables that drill makes and drops',
        found: 'that it is enabled',
        hint: `for as long as the drill lasts: alter event trigger ${sqlName(trigger)} disable`,
      };
    }),
};

const readOnly: Rail = {
  name: 'the database takes writes',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, role, database, is_read_only }) => {
      if (!is_read_only) return null;
      return {
        what: `default_transaction_read_only of ${role} in ${database}, on ${node}`,
        expected: 'off, since drill counts what is written',
        found: 'on',
        hint: `alter role ${sqlName(role)} set default_transaction_read_only = off`,
      };
    }),
};

const tablespace: Rail = {
  name: 'the usual tablespace',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, role, tablespace: found }) => {
      if (found === '') return null;
      return {
        what: `default_tablespace of ${role}, on ${node}`,
        expected: 'none, so that the tables of drill stand where the others do',
        found,
        hint: `alter role ${sqlName(role)} set default_tablespace = ''`,
      };
    }),
};

const tables: Rail = {
  name: 'drill may make its tables',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, role, database, may_create }) => {
      if (may_create) return null;
      return {
        what: `the role ${role} in ${database}, on ${node}`,
        expected: `to be allowed to make the schema ${facts.plan.attached.schema} for its tables`,
        found: 'that it lacks the right to create',
        hint: `grant create on database ${sqlName(database)} to ${sqlName(role)}`,
      };
    }),
};

const schema: Rail = {
  name: 'a schema of drill’s own',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, schema: found }) => {
      if (found !== 'foreign') return null;
      return {
        what: `the schema ${facts.plan.attached.schema} of ${database}, on ${node}`,
        expected: 'none, an empty one, or one that carries the mark of drill',
        found: 'one that is somebody else’s',
        hint: 'topology.guard.schema: another name',
      };
    }),
};

export const databaseRails: readonly Rail[] = [
  claim,
  mark,
  publications,
  eventTriggers,
  schema,
  tables,
  readOnly,
  tablespace,
];
